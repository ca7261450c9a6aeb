/**
 * `npm run bench:webhooks`: how many of Stripe's webhooks are received and applied, per second and per second of processor time,
 * beside @supabase/stripe-sync-engine on the same PostgreSQL. A round is a month in which every subscription renews; it
 * measures each candidate once with the same deliveries. Medians are printed, ratios are taken within a round.
 *
 *     TEST_DATABASE_URL=postgres://… npm run bench:webhooks -- --rounds 5 --customers 200
 */
import { execFileSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { Agent, request } from 'node:http'
import os from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { Stripe } from 'stripe'
import { SIMULATOR_KEY } from '../../src/domain/connections/service.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { openRenewals } from './renewals.ts'
import { cpuMicros, freePort, listens, startProgram } from '../gateway/processes.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    customers: { type: 'string', default: '200' },
    connections: { type: 'string', default: '32' },
  },
})
const rounds = Number(options.rounds)
const connections = Number(options.connections)
const GOAL = 3
const SECRET = 'whsec_bench'
const HERE = import.meta.dirname

const serverUrl = process.env['TEST_DATABASE_URL']
if (serverUrl === undefined)
  throw new Error('TEST_DATABASE_URL names the PostgreSQL to measure on.')

interface Candidate {
  readonly name: string
  readonly child: ChildProcess
  readonly port: number
  readonly database: pg.Client
  /** How many events are not applied yet; undefined when an answer means that it is. */
  readonly pending: string | undefined
  readonly samples: { readonly perSecond: number; readonly perCpuSecond: number }[]
}

const made: string[] = []
const children: ChildProcess[] = []
process.on('exit', () => {
  for (const child of children) child.kill('SIGTERM')
})

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  await client.query(statement)
  await client.end()
}

async function newDatabase(name: string): Promise<string> {
  const database = `farebox_bench_${name}_${process.pid}`
  await onServer(`create database ${database}`)
  made.push(database)
  const url = new URL(serverUrl ?? '')
  url.pathname = `/${database}`
  return url.href
}

async function open(
  name: string,
  command: (port: number, databaseUrl: string) => readonly string[],
  pending?: string,
): Promise<Candidate> {
  const url = await newDatabase(`c${made.length}`)
  const port = await freePort()
  const child = startProgram(command(port, url), null)
  children.push(child)
  await listens(port)
  const database = new pg.Client({ connectionString: url })
  // What went wrong before is said; that the database is dropped then is no news.
  database.on('error', () => undefined)
  await database.connect()
  return { name, child, port, database, pending, samples: [] }
}

const agent = new Agent({ keepAlive: true, maxSockets: connections })
const signer = new Stripe(SIMULATOR_KEY).webhooks

function send(port: number, payload: string, signature: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const headers = { 'stripe-signature': signature, 'content-length': Buffer.byteLength(payload) }
  const call = request(
    { agent, port, host: '127.0.0.1', method: 'POST', path: '/', headers },
    (response) => {
      let said = ''
      response.on('data', (text: Buffer) => (said += text.toString('utf8')))
      response.on('end', () => {
        if (response.statusCode === 200) resolve()
        else reject(new Error(`The answer was ${response.statusCode}: ${said}`))
      })
    },
  )
  call.on('error', reject)
  call.end(payload)
  return promise
}

async function measure(candidate: Candidate, payloads: readonly string[]) {
  const signed = payloads.map((payload) => ({
    payload,
    signature: signer.generateTestHeaderString({ payload, secret: SECRET }),
  }))
  const pid = candidate.child.pid ?? 0
  const cpuBefore = cpuMicros(pid)
  const begun = performance.now()
  let next = 0
  const workers = Array.from({ length: connections }, async () => {
    for (let at = next++; at < signed.length; at = next++) {
      const { payload = '', signature = '' } = signed[at] ?? {}
      await send(candidate.port, payload, signature)
    }
  })
  await Promise.all(workers)
  await allApplied(candidate)
  const seconds = (performance.now() - begun) / 1_000
  const cpuSeconds = (cpuMicros(pid) - cpuBefore) / 1_000_000
  const count = payloads.length
  candidate.samples.push({ perSecond: count / seconds, perCpuSecond: count / cpuSeconds })
}

async function allApplied({ database, pending }: Candidate): Promise<void> {
  if (pending === undefined) return
  const deadline = Date.now() + 120_000
  while (Date.now() < deadline) {
    const { rows } = await database.query<{ n: string }>(pending)
    if (Number(rows[0]?.n) === 0) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('Not everything was applied within two minutes')
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function print(ours: Candidate, peers: readonly Candidate[]): void {
  for (const candidate of [ours, ...peers]) {
    const { name, samples } = candidate
    const perSecond = median(samples.map((sample) => sample.perSecond))
    const perCpu = median(samples.map((sample) => sample.perCpuSecond))
    const ratio = median(
      samples.map(
        (sample, round) => (ours.samples[round]?.perCpuSecond ?? 0) / sample.perCpuSecond,
      ),
    )
    process.stdout.write(
      `${name.padEnd(44)} ${perSecond.toFixed(0).padStart(6)}/s ${perCpu.toFixed(0).padStart(6)}/CPU s  ours is ${ratio.toFixed(2)} times this\n`,
    )
  }
  const machine = `${os.cpus().length} × ${os.cpus()[0]?.model}, load ${os.loadavg()[0]?.toFixed(1)}, Node ${process.version}`
  process.stdout.write(`${machine}; the goal is ${GOAL} times\n`)
}

if (!existsSync(join(HERE, 'peers', 'node_modules'))) {
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: join(HERE, 'peers'),
    stdio: 'ignore',
  })
}
const simulator = await startSimulator({
  host: '127.0.0.1',
  port: 0,
  data: 'memory',
  settings: { meterLagMs: 0, searchLagMs: 0 },
})
try {
  const node = process.execPath
  const ours = await open(
    'Farebox: stored, answered, fetched, applied',
    (port, url) => [
      node,
      join(HERE, 'ours.ts'),
      String(port),
      url,
      simulator.url,
      SECRET,
      options.customers,
    ],
    "select count(*) as n from stripe_events where state in ('received', 'failed', 'parked')",
  )
  const peer = (name: string, revalidates: boolean) =>
    open(name, (port, url) => [
      node,
      join(HERE, 'peers', 'stripe-sync-engine.cjs'),
      String(port),
      url,
      simulator.url,
      SECRET,
      String(revalidates),
    ])
  const peers = [
    await peer('stripe-sync-engine, believing the event', false),
    await peer('stripe-sync-engine, fetching as we do', true),
  ]
  const types = await fetch(`http://127.0.0.1:${ours.port}/`)
  const renewals = openRenewals(simulator.url, (await types.json()) as string[])
  // Once for the compiler; what was bought before is heard by the others then.
  for (let round = 0; round <= rounds; round++) {
    const payloads = await renewals.next()
    for (const candidate of [ours, ...peers]) await measure(candidate, payloads)
    process.stdout.write(
      `${round === 0 ? 'warm-up' : `round ${round}`}: ${payloads.length} deliveries\n`,
    )
  }
  for (const { samples } of [ours, ...peers]) samples.shift()
  print(ours, peers)
  for (const { child, database } of [ours, ...peers]) {
    await database.end()
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
} finally {
  agent.destroy()
  await simulator.close()
  for (const database of made) await onServer(`drop database if exists ${database} with (force)`)
}
