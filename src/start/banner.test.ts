import { expect, test } from 'vitest'
import { banner } from './banner.ts'

const FACTS = {
  gatewayUrl: 'http://127.0.0.1:8080',
  consoleUrl: 'http://127.0.0.1:8081',
  simulatorUrl: undefined,
  upstreamUrl: 'http://127.0.0.1:8083',
  isExampleUpstream: true,
  operator: undefined,
  dataFolder: '/srv/data-demo',
  isFoundByCli: true,
  isColored: false,
  milliseconds: 900,
}

test('the commands to try work as they are written, wherever the data is', () => {
  expect(banner(FACTS)).toMatch(/clock advance P1M$/m)
  expect(banner({ ...FACTS, isFoundByCli: false })).toMatch(
    /clock advance P1M --data \/srv\/data-demo$/m,
  )
})
