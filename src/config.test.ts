import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from './config.ts'
import { AppError } from './errors.ts'

function folderWith(yaml?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'farebox-config-'))
  if (yaml !== undefined) writeFileSync(join(folder, 'farebox.yaml'), yaml)
  return folder
}

function failure(run: () => unknown): AppError {
  try {
    run()
  } catch (error) {
    if (error instanceof AppError) return error
  }
  throw new Error('it did not fail')
}

test('without anything configured the defaults listen on loopback only', () => {
  const config = loadConfig({ env: {}, folder: folderWith() })

  expect(config.host).toBe('127.0.0.1')
  expect([
    config.gateway.port,
    config.console.port,
    config.simulator.port,
    config.example.port,
  ]).toEqual([8080, 8081, 8082, 8083])
})

test('flags win over the environment, which wins over the file', () => {
  const folder = folderWith('gateway:\n  port: 1\nconsole:\n  port: 1\nexample:\n  port: 1\n')
  const env = { FAREBOX_GATEWAY_PORT: '2', FAREBOX_CONSOLE_PORT: '2' }
  const config = loadConfig({ env, folder, flags: { gateway: { port: 3 } } })

  expect([config.gateway.port, config.console.port, config.example.port]).toEqual([3, 2, 1])
})

test('everything that is wrong is said at once, by the name it has in the file', () => {
  const folder = folderWith('gateway:\n  port: 99999\nupstream: ftp://example.com\ntypo: 1\n')
  const { code, message } = failure(() =>
    loadConfig({ env: { PAYMENT_PROVIDER: 'dollars' }, folder }),
  )

  expect(code).toBe('config_invalid')
  for (const part of ['gateway.port', 'upstream', 'typo', 'PAYMENT_PROVIDER'])
    expect(message).toContain(part)
})

test('a file that is named must exist, and must be YAML', () => {
  expect(
    failure(() => loadConfig({ env: {}, folder: folderWith(), file: 'other.yaml' })).message,
  ).toContain('does not exist')
  expect(failure(() => loadConfig({ env: {}, folder: folderWith('a: [') })).code).toBe(
    'config_invalid',
  )
})

test('S0.2 S1.1 S4.17 Stripe keys go to the mode they are for, under every name they are known by', () => {
  const env = {
    STRIPE_API_KEY: 'sk_live_1',
    STRIPE_WEBHOOK_SECRET: 'whsec_live',
    STRIPE_TEST_SECRET_KEY: 'sk_test_1',
    STRIPE_TEST_WEBHOOK_SECRET: 'whsec_test',
    NEXT_PUBLIC_STRIPE_TEST_PUBLISHABLE_KEY: 'pk_test_1',
  }
  const { pinned } = loadConfig({ env, folder: folderWith() })

  expect(pinned.live).toEqual({
    'payment.stripe.secret_key': 'sk_live_1',
    'payment.stripe.webhook_secret': 'whsec_live',
  })
  expect(pinned.test).toEqual({
    'payment.stripe.secret_key': 'sk_test_1',
    'payment.stripe.webhook_secret': 'whsec_test',
    'payment.stripe.public_key': 'pk_test_1',
  })
})

test('a test key alone configures test mode and leaves live mode alone', () => {
  const { pinned } = loadConfig({ env: { STRIPE_SECRET_KEY: 'sk_test_1' }, folder: folderWith() })

  expect(pinned.live).toEqual({})
  expect(pinned.test).toEqual({ 'payment.stripe.secret_key': 'sk_test_1' })
})

test('S4.16 prices made in Stripe are linked by the name of their plan or meter', () => {
  const env = {
    STRIPE_PRICE_PREMIUM: 'price_1',
    STRIPE_PRICE_ID_CPU_HOUR: 'price_2',
    STRIPE_PRICE_X: '',
  }

  const prices = { STRIPE_PRICE_PREMIUM: 'price_1', STRIPE_PRICE_ID_CPU_HOUR: 'price_2' }
  const pinned = (more: object) => loadConfig({ env: { ...env, ...more }, folder: folderWith() })
  expect(pinned({}).linkedPrices).toEqual({ live: prices, test: {} })
  expect(pinned({ STRIPE_SECRET_KEY: 'sk_test_1' }).linkedPrices).toEqual({
    test: prices,
    live: {},
  })
})

test('the file may hold the catalog beside the configuration, and still nothing that is not known', () => {
  const catalog = 'meters: []\nfeatures: []\nplans: []\ncreditPacks: []\n'
  expect(loadConfig({ env: {}, folder: folderWith(`host: 0.0.0.0\n${catalog}`) }).host).toBe(
    '0.0.0.0',
  )
  expect(() => loadConfig({ env: {}, folder: folderWith(`${catalog}prices: []\n`) })).toThrow(
    /prices/,
  )
})

test('the gateway learns from file and environment whom to believe, how durable to be, what to log, and its certificate', () => {
  const config = loadConfig({
    env: {
      FAREBOX_GATEWAY_DURABILITY: 'power',
      FAREBOX_GATEWAY_ACCESS_LOG: '/var/log/farebox.log',
      FAREBOX_GATEWAY_ACCESS_LOG_QUERY: 'true',
      FAREBOX_GATEWAY_TLS_CERTIFICATE: '/etc/cert.pem',
      FAREBOX_GATEWAY_TLS_KEY: '/etc/key.pem',
    },
    folder: '/nonexistent',
    flags: { gateway: { trustedProxies: ['10.0.0.0/8'] } },
  })

  expect(config.gateway).toMatchObject({
    durability: 'power',
    accessLog: '/var/log/farebox.log',
    accessLogQuery: true,
    trustedProxies: ['10.0.0.0/8'],
    tls: { certificate: '/etc/cert.pem', key: '/etc/key.pem' },
  })
  expect(loadConfig({ env: {}, folder: '/nonexistent' }).gateway).toMatchObject({
    durability: 'process',
    accessLog: 'off',
    trustedProxies: [],
  })
})

test('Redis is one address, or the nodes of a cluster; its password can stand apart', () => {
  const env = {
    REDIS_URL: 'rediss://a:6379,rediss://b:6379',
    REDIS_CLUSTER: 'true',
    REDIS_PASSWORD: 'secret',
  }
  const read = (more: Record<string, string>) => () =>
    loadConfig({ env: { ...env, ...more }, folder: folderWith() })

  expect(read({})().redis).toMatchObject({ cluster: true, password: 'secret', prefix: 'farebox' })
  expect(failure(read({ REDIS_CLUSTER: '' })).message).toContain('set cluster to true')
  expect(failure(read({ REDIS_URL: 'http://a' })).message).toContain('must start with redis://')
  expect(failure(read({ REDIS_CLUSTER: 'maybe' })).message).toContain('must be true or false')
})
