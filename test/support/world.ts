import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Client } from '../../src/client/client.ts'
import type { z } from 'zod'
import type { planDefinition } from '../../src/api/contract/plan-definition.ts'
import { loadConfig } from '../../src/config.ts'
import { type Running, start } from '../../src/main.ts'
import { createLog } from '../../src/platform/log.ts'
import { type Actor, signUp } from './actor.ts'

const FREE_PORTS = {
  gateway: { port: 0 },
  console: { port: 0 },
  simulator: { port: 0 },
  example: { port: 0 },
}

/** A plan as somebody writes it into the API: what has a default may be left out. */
export type SoldPlan = z.input<typeof planDefinition>

/**
 * The whole product, started as `farebox start` does: gateway, console, database, simulated Stripe and an API behind it.
 * Scenarios tell what people do in it and look at what they see; nothing is reached past HTTP.
 */
export interface World {
  readonly running: Running
  /** An API token of the operator. */
  readonly token: string
  /** The operator's view of the REST API. */
  readonly operator: Client
  /** The operator creates a plan and publishes it. */
  sells(key: string, definition: SoldPlan): Promise<void>
  /** Somebody signs up at the portal and creates an account. */
  customer(name: string): Promise<Actor>
  /** Moves test mode: `P1M`, or an instant. */
  advance(time: string): Promise<string>
  now(): Promise<string>
  close(): Promise<void>
}

export async function openWorld(config: Readonly<Record<string, unknown>> = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'farebox-world-'))
  const url = process.env['TEST_DATABASE_URL']
  const database = url === undefined || url === '' ? undefined : await emptyDatabase(url)
  const running = await start(
    loadConfig({
      env: {},
      folder,
      flags: { ...FREE_PORTS, ...(database && { database: { url: database.url } }), ...config },
    }),
    {
      log: createLog({ level: (process.env['WORLD_LOG'] ?? 'silent') as 'silent', format: 'text' }),
    },
  )
  const [first] = await running.domain.operators.list()
  const { secret } = await running.domain.operators.issueToken(first?.id ?? '', 'scenario', null)
  const operator = createClient({ baseUrl: running.consoleUrl, token: secret, mode: 'test' })

  return {
    running,
    token: secret,
    operator,
    async sells(key, definition) {
      await operator.post('/api/v1/plans', { body: { key, definition } })
      await operator.post('/api/v1/plans/{planKey}/publish', { params: { planKey: key } })
    },
    customer: (name) => signUp(running, name),
    async advance(time) {
      const body = time.startsWith('P') ? { by: time } : { to: time }
      return (await operator.post('/api/v1/clock/advance', { body })).now
    },
    now: async () => (await operator.get('/api/v1/clock')).now,
    async close() {
      await running.close()
      await database?.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A database of its own on the server, because a world migrates it and fills it. */
async function emptyDatabase(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  const { default: pg } = await import('pg')
  const name = `farebox_world_${process.pid}_${Math.random().toString(36).slice(2, 8)}`
  const run = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(statement)
    await client.end()
  }
  await run(`create database ${name}`)
  const address = new URL(url)
  address.pathname = `/${name}`
  return { url: address.href, drop: () => run(`drop database ${name} with (force)`) }
}
