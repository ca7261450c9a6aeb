import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { AppError, type FieldError } from './errors.ts'
import type { Mode } from './kit/mode.ts'

/**
 * Every setting of a process, read once at start: from flags, the environment, `farebox.yaml` and defaults, in this
 * order. What an operator may change while it runs is a setting in the database instead.
 */
const port = z.int().min(0).max(65_535)
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .transform((url) => url.replace(/\/+$/, ''))

const schema = z.strictObject({
  /** Where everything is kept that this machine keeps. */
  data: z.string().min(1).default('data'),
  host: z.string().min(1).default('127.0.0.1'),
  gateway: z
    .strictObject({
      port: port.default(8080),
      /** 0 serves in this process, more start worker processes that share the port. */
      workers: z.int().min(0).max(64).default(0),
      publicUrl: httpUrl.optional(),
      /** Proxies in front that may say who is calling: addresses or CIDR ranges. */
      trustedProxies: z.array(z.string().min(1)).default([]),
      /** What a power failure may lose of the last second's usage: with `power` nothing, at the price of a sync. */
      durability: z.enum(['process', 'power']).default('process'),
      /** One line of JSON for each request: `off`, `stdout`, or a file, which may be moved away at any time. */
      accessLog: z.string().min(1).default('off'),
      /** Queries often hold what nobody should read. */
      accessLogQuery: z.boolean('must be true or false').default(false),
      /** Files in PEM; replaced ones are used within seconds. */
      tls: z.strictObject({ certificate: z.string().min(1), key: z.string().min(1) }).optional(),
    })
    .prefault({}),
  console: z
    .strictObject({
      port: port.default(8081),
      /** The address people and Stripe reach the console at. */
      publicUrl: httpUrl.optional(),
    })
    .prefault({}),
  simulator: z
    .strictObject({
      port: port.default(8082),
      /** By default it runs exactly when test mode has no Stripe key. */
      isEnabled: z.boolean().optional(),
    })
    .prefault({}),
  example: z.strictObject({ port: port.default(8083) }).prefault({}),
  /** The API to stand in front of; without one, the example API. */
  upstream: httpUrl.optional(),
  database: z
    .strictObject({
      url: z
        .string()
        .regex(/^postgres(ql)?:\/\//, 'must start with postgres://')
        .optional(),
      maxConnections: z.int().min(1).max(500).optional(),
    })
    .prefault({}),
  /** Rate limits, concurrency and quota stock that several machines share; without it PostgreSQL and each machine. */
  redis: z
    .strictObject({
      /** One address, or several nodes of a cluster separated by commas. */
      url: z
        .string()
        .regex(
          /^rediss?:\/\/[^,\s]+(?:,\s*rediss?:\/\/[^,\s]+)*$/,
          'must start with redis:// or rediss://; several nodes are separated by commas',
        )
        .optional(),
      cluster: z.boolean('must be true or false').default(false),
      username: z.string().min(1).optional(),
      password: z.string().min(1).optional(),
      /** A file in PEM with the authority that signed the server's certificate, if it is a private one. */
      ca: z.string().min(1).optional(),
      /** Before every key; installations that share a server need different ones. */
      prefix: z
        .string()
        .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be letters, digits, dots, dashes')
        .default('farebox'),
    })
    .refine(
      ({ url, cluster }) => cluster || !url?.includes(','),
      'several addresses are a cluster: set cluster to true',
    )
    .prefault({}),
  mail: z
    .strictObject({
      url: z
        .string()
        .regex(/^smtps?:\/\//, 'must start with smtp://')
        .optional(),
      from: z.string().default('Farebox <no-reply@localhost>'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
      format: z.enum(['json', 'text']).default('json'),
    })
    .prefault({}),
  /** 32 bytes in base64; without it a key is made and kept in the data folder. */
  secretKey: z.string().optional(),
})

type FileConfig = z.infer<typeof schema>

/** The file may hold the catalog as well, which `farebox plans push` brings to a running console. */
const CATALOG_KEYS = new Set(['meters', 'features', 'plans', 'creditPacks'])

/** Settings the environment fixes, under the names they have in the database. */
export type PinnedSettings = Readonly<Record<Mode, Record<string, string>>>

export interface Config extends Readonly<FileConfig> {
  readonly pinned: PinnedSettings
  /** Stripe prices that are linked instead of made: `STRIPE_PRICE_<PLAN>` and `STRIPE_PRICE_ID_<METER>`. */
  readonly linkedPrices: Readonly<Record<Mode, Readonly<Record<string, string>>>>
}

type Environment = Readonly<Record<string, string | undefined>>

/** Where a value of the environment goes in the configuration. */
const ENVIRONMENT: Readonly<Record<string, readonly string[]>> = {
  FAREBOX_DATA: ['data'],
  FAREBOX_HOST: ['host'],
  FAREBOX_UPSTREAM: ['upstream'],
  FAREBOX_GATEWAY_PORT: ['gateway', 'port'],
  FAREBOX_GATEWAY_WORKERS: ['gateway', 'workers'],
  FAREBOX_GATEWAY_URL: ['gateway', 'publicUrl'],
  FAREBOX_GATEWAY_DURABILITY: ['gateway', 'durability'],
  FAREBOX_GATEWAY_ACCESS_LOG: ['gateway', 'accessLog'],
  FAREBOX_GATEWAY_ACCESS_LOG_QUERY: ['gateway', 'accessLogQuery'],
  FAREBOX_GATEWAY_TLS_CERTIFICATE: ['gateway', 'tls', 'certificate'],
  FAREBOX_GATEWAY_TLS_KEY: ['gateway', 'tls', 'key'],
  FAREBOX_CONSOLE_PORT: ['console', 'port'],
  FAREBOX_CONSOLE_URL: ['console', 'publicUrl'],
  FAREBOX_SIMULATOR_PORT: ['simulator', 'port'],
  FAREBOX_EXAMPLE_PORT: ['example', 'port'],
  FAREBOX_LOG_LEVEL: ['log', 'level'],
  FAREBOX_LOG_FORMAT: ['log', 'format'],
  FAREBOX_MAIL_URL: ['mail', 'url'],
  FAREBOX_MAIL_FROM: ['mail', 'from'],
  FAREBOX_SECRET_KEY: ['secretKey'],
  DATABASE_URL: ['database', 'url'],
  DATABASE_MAX_CONNECTIONS: ['database', 'maxConnections'],
  REDIS_URL: ['redis', 'url'],
  REDIS_CLUSTER: ['redis', 'cluster'],
  REDIS_USERNAME: ['redis', 'username'],
  REDIS_PASSWORD: ['redis', 'password'],
  REDIS_CA: ['redis', 'ca'],
  REDIS_PREFIX: ['redis', 'prefix'],
}

const NUMBERS = /(?:PORT|WORKERS|MAX_CONNECTIONS)$/
const BOOLEANS = /(?:CLUSTER|LOG_QUERY)$/

export interface ConfigSources {
  readonly env: Environment
  /** Values given as flags, shaped like the file. */
  readonly flags?: Readonly<Record<string, unknown>>
  readonly folder?: string
  /** Another file than `farebox.yaml`; it must exist. */
  readonly file?: string | undefined
}

/** Reads the configuration or throws `config_invalid` with everything that is wrong with it. */
export function loadConfig({
  env,
  flags = {},
  folder = process.cwd(),
  file,
}: ConfigSources): Config {
  const merged = merge(merge(readFile(folder, file), readEnvironment(env)), flags)
  const result = schema.safeParse(merged)
  const problems: FieldError[] = result.success
    ? []
    : result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  const pinned = pinnedSettings(env, problems)
  if (!result.success || problems.length > 0) {
    const list = problems.map(({ path, message }) => `${path}: ${message}`).join('; ')
    throw new AppError('config_invalid', { problems: list }, { extras: { errors: problems } })
  }
  return {
    ...result.data,
    data: resolve(folder, result.data.data),
    pinned,
    linkedPrices: linkedPrices(env),
  }
}

function readFile(folder: string, file: string | undefined): Record<string, unknown> {
  const path = resolve(folder, file ?? join(folder, 'farebox.yaml'))
  if (!existsSync(path)) {
    if (file === undefined) return {}
    throw new AppError('config_invalid', { problems: `${path} does not exist` })
  }
  try {
    const content: unknown = parse(readFileSync(path, 'utf8'))
    const entries = Object.entries((content ?? {}) as Record<string, unknown>)
    return Object.fromEntries(entries.filter(([key]) => !CATALOG_KEYS.has(key)))
  } catch (error) {
    const problems = `${path}: ${error instanceof Error ? error.message : String(error)}`
    throw new AppError('config_invalid', { problems }, { cause: error })
  }
}

function readEnvironment(env: Environment): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, path] of Object.entries(ENVIRONMENT)) {
    const value = env[name]
    if (value === undefined || value === '') continue
    let target = values
    for (const key of path.slice(0, -1)) target = (target[key] ??= {}) as Record<string, unknown>
    target[path.at(-1) ?? ''] = parseVariable(name, value)
  }
  return values
}

function parseVariable(name: string, value: string): unknown {
  if (NUMBERS.test(name)) return Number(value)
  return BOOLEANS.test(name) && /^(?:true|false)$/.test(value) ? value === 'true' : value
}

function merge(
  base: Record<string, unknown>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged = { ...base }
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue
    const current = merged[key]
    merged[key] = isObject(current) && isObject(value) ? merge(current, value) : value
  }
  return merged
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Stripe's keys under all the names people have for them. `STRIPE_SECRET_KEY` belongs to the mode its prefix says, and
 * the webhook secret and publishable key beside it to the same.
 */
function pinnedSettings(env: Environment, problems: FieldError[]): PinnedSettings {
  const pinned: Record<Mode, Record<string, string>> = { test: {}, live: {} }
  const pin = (mode: Mode, key: string, ...names: readonly string[]): void => {
    const value = names.map((name) => env[name]).find((candidate) => candidate)
    if (value) pinned[mode][key] = value
  }
  const secretKey = secretKeyIn(env)
  const own = modeOfEnvironment(env)
  if (own === undefined) {
    problems.push({
      path: 'STRIPE_SECRET_KEY',
      message: 'must start with sk_test_, sk_live_, rk_test_ or rk_live_',
    })
    return pinned
  }
  if (secretKey) pinned[own]['payment.stripe.secret_key'] = secretKey
  pin(
    own,
    'payment.stripe.public_key',
    'STRIPE_PUBLISHABLE_KEY',
    'NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY',
  )
  pin(own, 'payment.stripe.webhook_secret', 'STRIPE_WEBHOOK_SECRET')
  pin('test', 'payment.stripe.secret_key', 'STRIPE_TEST_SECRET_KEY')
  pin(
    'test',
    'payment.stripe.public_key',
    'STRIPE_TEST_PUBLISHABLE_KEY',
    'NEXT_PUBLIC_STRIPE_TEST_PUBLISHABLE_KEY',
  )
  pin('test', 'payment.stripe.webhook_secret', 'STRIPE_TEST_WEBHOOK_SECRET')
  const provider = env['PAYMENT_PROVIDER'] || env['APIGATE_BILLING_MODE']
  if (provider === 'stripe' || provider === 'none') {
    pinned.test['payment.provider'] = provider
    pinned.live['payment.provider'] = provider
  } else if (provider) {
    problems.push({ path: 'PAYMENT_PROVIDER', message: 'must be stripe or none' })
  }
  return pinned
}

/** They belong to the mode of the `STRIPE_SECRET_KEY` beside them. */
function linkedPrices(env: Environment): Config['linkedPrices'] {
  const entries = Object.entries(env).filter(([name]) => /^STRIPE_PRICE_[A-Z0-9_]+$/.test(name))
  const prices = Object.fromEntries(
    entries.flatMap(([name, value]) => (value ? [[name, value]] : [])),
  )
  const own = modeOfEnvironment(env) ?? 'live'
  return { test: {}, live: {}, [own]: prices }
}

/** The mode of the secret key in the environment; undefined where it has no prefix we know. */
function modeOfEnvironment(env: Environment): Mode | undefined {
  const secretKey = secretKeyIn(env)
  if (secretKey === undefined) return 'live'
  return /^(?:sk|rk)_(test|live)_/.exec(secretKey)?.[1] as Mode | undefined
}

function secretKeyIn(env: Environment): string | undefined {
  return (
    env['STRIPE_SECRET_KEY'] ||
    env['STRIPE_API_KEY'] ||
    env['APIGATE_BILLING_STRIPE_KEY'] ||
    undefined
  )
}
