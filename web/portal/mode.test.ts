import { expect, test } from 'vitest'
import { modeNamed } from './mode.ts'

test('the link decides, then what the tab remembers, and without both the server', () => {
  expect(modeNamed('?mode=test', 'live')).toBe('test')
  expect(modeNamed('?cursor=abc', 'test')).toBe('test')
  expect(modeNamed('', null)).toBeUndefined()
})

test('what is no mode is none', () => {
  expect(modeNamed('?mode=staging', null)).toBeUndefined()
})
