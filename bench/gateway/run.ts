/**
 * `npm run bench:gateway`: what a request costs in the gateway and in its peers, side by side in one run. Every round
 * measures each candidate once, so that a noisy machine is noisy to all of them; medians and ratios are printed.
 *
 *     npm run bench:gateway -- --rounds 5 --seconds 3
 *     npm run bench:gateway -- --only 'nginx|durable'   candidates whose names match
 *     npm run bench:gateway -- --memory 10000000        how much memory that many requests leave behind
 */
import { type ChildProcess, fork } from 'node:child_process'
import os from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  type Candidate,
  CANDIDATES,
  FAREBOX,
  FAREBOX_UNMETERED,
  FEW_KEYS,
  installPeers,
  MANY_KEYS,
  NGINX_PLAIN,
  ONE_WORKER,
  TWO_WORKERS,
  upstreamCommand,
} from './candidates.ts'
import type { LoadResult, LoadRun } from './load.ts'
import {
  cpuMicros,
  freePort,
  goOn,
  listens,
  residentMegabytes,
  standStill,
  startProgram,
} from './processes.ts'

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
    only: { type: 'string', default: '' },
    memory: { type: 'string' },
  },
})
const rounds = Number(options.rounds)
const seconds = Number(options.seconds)
const connections = Number(options.connections)
const SCALING_GOAL = 1.8
/** Who has many keys is called with so many of them, one after another. */
const KEYS_IN_TURN = 64
const WARM_UP_SECONDS = 0.5
/** The gateway has a core to itself, as far as the machine allows; load and upstream share the other. */
const [GATEWAY_CORE, OTHER_CORE] = [0, Math.min(1, os.availableParallelism() - 1)]

interface Running {
  readonly candidate: Candidate
  readonly process: ChildProcess
  readonly port: number
  readonly samples: Sample[]
}

interface Sample extends LoadResult {
  readonly cpuMicros: number
}

const children: ChildProcess[] = []
process.on('exit', () => {
  for (const child of children) {
    goOn(child.pid ?? 0)
    child.kill('SIGTERM')
  }
})

const load = fork(join(import.meta.dirname, 'load.ts'), [], { execArgv: [] })
children.push(load)

function press(run: LoadRun): Promise<LoadResult> {
  return new Promise((resolve) => {
    load.once('message', (result) => resolve(result as LoadResult))
    load.send(run)
  })
}

async function start(candidate: Candidate, upstream: number): Promise<Running | undefined> {
  const port = await freePort()
  const command = candidate.command(port, upstream)
  if (command === undefined) return undefined
  const child = startProgram(command, candidate.isSpread === true ? null : GATEWAY_CORE)
  children.push(child)
  await listens(port)
  const keys = candidate.keys
  // Each key once, so that all of them are loaded; then long enough for the compiler.
  if (keys > 1) await press({ port, connections, seconds: 300, keys, requests: keys })
  await press({
    port,
    connections,
    seconds: Math.max(seconds, 5),
    keys: Math.min(keys, KEYS_IN_TURN),
  })
  standStill(child.pid ?? 0)
  return { candidate, process: child, port, samples: [] }
}

/** The others stand still meanwhile: what they do each second would empty the caches of the one that is measured. */
async function sample({ process: child, port, candidate, samples }: Running): Promise<void> {
  const pid = child.pid ?? 0
  const keys = Math.min(candidate.keys, KEYS_IN_TURN)
  goOn(pid)
  await press({ port, connections, seconds: WARM_UP_SECONDS, keys })
  const before = cpuMicros(pid)
  const result = await press({ port, connections, seconds, keys })
  samples.push({ ...result, cpuMicros: (cpuMicros(pid) - before) / result.requests })
  standStill(pid)
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

const of = ({ samples }: Running, pick: (sample: Sample) => number): number =>
  median(samples.map(pick))

/** Ratios are taken within a round, where both met the same machine, and then their median. */
function ratio(a: Running, b: Running): number {
  return median(
    a.samples.map((one, round) => one.cpuMicros / (b.samples[round]?.cpuMicros ?? Number.NaN)),
  )
}

function print(running: readonly Running[], missing: readonly Candidate[]): void {
  const nginx = running.find(({ candidate }) => candidate.name === NGINX_PLAIN)
  const lines = running.map((entry) => [
    entry.candidate.name,
    of(entry, (s) => s.cpuMicros).toFixed(1),
    nginx === undefined ? '–' : ratio(entry, nginx).toFixed(2),
    Math.round(of(entry, (s) => s.requests / s.seconds)).toLocaleString('en'),
    of(entry, (s) => s.p50Ms).toFixed(2),
    of(entry, (s) => s.p99Ms).toFixed(2),
    Math.round(residentMegabytes(entry.process.pid ?? 0)).toString(),
    of(entry, (s) => s.failures).toString(),
  ])
  const titles = ['', 'CPU µs/request', '× nginx', 'requests/s', 'p50 ms', 'p99 ms', 'MB', 'failed']
  console.log(`| ${titles.join(' | ')} |\n|${'---|'.repeat(titles.length)}`)
  for (const line of lines) console.log(`| ${line.join(' | ')} |`)
  for (const { name } of missing) console.log(`\nNot on this machine: ${name}`)
}

function judge(running: readonly Running[]): void {
  const find = (name: string) => running.find(({ candidate }) => candidate.name === name)
  const [farebox, nginx, fastify] = [FAREBOX, NGINX_PLAIN, '@fastify/http-proxy'].map(find)
  const unmetered = find(FAREBOX_UNMETERED)
  const [few, many] = [FEW_KEYS, MANY_KEYS].map(find)
  if (farebox === undefined) return
  const goals: [string, number | undefined, number][] = [
    ['of nginx’s plain proxying', nginx && ratio(farebox, nginx), 1.15],
    ['of @fastify/http-proxy', fastify && ratio(farebox, fastify), 0.25],
    [
      'with limits and metering, of the key check alone',
      unmetered && ratio(farebox, unmetered),
      1.15,
    ],
    ['with 100,000 keys loaded, of those it is called with', many && few && ratio(many, few), 1.05],
  ]
  console.log()
  for (const [what, found, goal] of goals) {
    if (found === undefined) continue
    const verdict = found <= goal ? 'met' : 'missed'
    console.log(`CPU ${found.toFixed(2)} ${what}; goal at most ${goal}: ${verdict}`)
  }
  judgeScaling(find(ONE_WORKER), find(TWO_WORKERS))
}

/**
 * What two cores of their own would do, from the cost of a request: load and upstream need cores too, so requests per
 * second say nothing about it here.
 */
function judgeScaling(one: Running | undefined, two: Running | undefined): void {
  if (one === undefined || two === undefined) return
  const scaling = 2 / ratio(two, one)
  const verdict = scaling >= SCALING_GOAL ? 'met' : 'missed'
  console.log(
    `Two workers do ${scaling.toFixed(2)} times the requests of one for the same CPU each; goal at least ${SCALING_GOAL}: ${verdict}`,
  )
}

async function compare(upstream: number): Promise<void> {
  installPeers()
  const running: Running[] = []
  const missing: Candidate[] = []
  const pattern = new RegExp(options.only)
  for (const candidate of CANDIDATES.filter(({ name }) => pattern.test(name))) {
    process.stderr.write(`starting ${candidate.name}\n`)
    const started = await start(candidate, upstream)
    if (started === undefined) missing.push(candidate)
    else running.push(started)
  }
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`round ${round} of ${rounds}\n`)
    for (const entry of running) await sample(entry)
  }
  print(running, missing)
  judge(running)
}

async function watchMemory(upstream: number, requests: number): Promise<void> {
  const farebox = CANDIDATES.find(({ name }) => name === FAREBOX)
  const running = farebox && (await start(farebox, upstream))
  if (running === undefined) return
  const { port, process: child } = running
  const step = Math.ceil(requests / 10)
  for (let done = 0; done <= requests; done += step) {
    console.log(
      `${done.toLocaleString('en')} requests: ${residentMegabytes(child.pid ?? 0).toFixed(0)} MB`,
    )
    if (done < requests) await press({ port, connections, seconds: 3_600, keys: 1, requests: step })
  }
}

const [cpu] = os.cpus()
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${os.availableParallelism()} cores of ${cpu?.model.trim() ?? '?'}, ` +
    `${Math.round(os.totalmem() / 2 ** 30)} GB, ${os.type()} ${os.release()}, Node ${process.version}; ` +
    `load average ${os
      .loadavg()
      .map((l) => l.toFixed(1))
      .join(' ')}`,
)
console.log(`${connections} connections, ${rounds} rounds of ${seconds} s, 1 KB of JSON\n`)
const upstream = await freePort()
children.push(startProgram(upstreamCommand(upstream), OTHER_CORE))
await listens(upstream)
if (options.memory === undefined) await compare(upstream)
else await watchMemory(upstream, Number(options.memory))
process.exit(0)
