import { type ChildProcess, fork } from 'node:child_process'
import { createServer, type Server, type Socket } from 'node:net'
import type { Decisions } from '../../domain/entitlements/decision.ts'
import type { AccessSource } from '../../domain/entitlements/access-record.ts'
import type { RoutingSource } from '../../domain/routing/service.ts'
import type { Spending } from '../../domain/entitlements/quota.ts'
import { AppError } from '../../errors.ts'
import { add } from '../../kit/decimal.ts'
import { SECOND_MS } from '../../kit/instant.ts'
import type { Counters } from '../../platform/counters/counters.ts'
import type { Log } from '../../platform/log.ts'
import type { EngineSettings, EngineStatus } from '../engine.ts'
import type { DeskAsk, QuotaDesk } from '../limits/quota-desk.ts'
import type { ReplayStore } from '../replays/replay-store.ts'
import type { TlsFiles } from '../tls.ts'
import { createChannel, type Remote } from './channel.ts'
import { CONNECTION, type ParentMethods, type WorkerMethods } from './protocol.ts'

/** Child processes that share a port, each with an engine of its own. */
export interface Workers {
  readonly port: number
  readonly decisions: Decisions
  status(): Promise<EngineStatus[]>
  flush(): Promise<void>
  close(): Promise<void>
}

interface WorkersOptions {
  readonly count: number
  readonly host: string
  readonly port: number
  readonly settings: EngineSettings
  readonly access: Pick<AccessSource, 'find' | 'subscribe'>
  readonly routing: RoutingSource
  readonly desk: QuotaDesk
  readonly counters: Counters
  readonly replays: ReplayStore | null
  readonly tls: TlsFiles | null
  readonly onSealed: (producerId: string) => void
  /** A worker died: its log has to be finished. */
  readonly onDeath: (producerId: string) => void
  readonly log: Log
  /** How processes share the port; by default what the system can do. */
  readonly sharing?: PortSharing
}

/** The kernel spreads connections over processes with `reuse_port`; elsewhere the parent accepts and hands them out. */
export type PortSharing = 'reuse_port' | 'parent_accepts'

interface Worker {
  readonly process: ChildProcess
  readonly remote: Remote<WorkerMethods>
  producerId: string | undefined
}

const RESTART_MS = SECOND_MS
const CLOSE_MS = 40 * SECOND_MS
const REUSE_PORT_PLATFORMS = new Set<NodeJS.Platform>(['linux', 'freebsd', 'sunos', 'aix'])

export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { host, settings, access, desk, counters, replays, log } = options
  const sharing =
    options.sharing ??
    (REUSE_PORT_PLATFORMS.has(process.platform) ? 'reuse_port' : 'parent_accepts')
  const server = sharing === 'parent_accepts' ? createServer({ pauseOnConnect: true }) : undefined
  const workers = new Set<Worker>()
  let { port } = options
  let turn = 0
  let isClosing = false

  /**
   * A worker that died before it heard of a lease spent nothing of it. Its producer may have been retired before the
   * lease was debited, and nobody would look at it again.
   */
  async function lease(child: ChildProcess, producerId: string, asks: readonly DeskAsk[]) {
    const answers = await desk.lease(producerId, asks)
    if (child.connected) return answers
    const unheard = asks.flatMap((ask, i): Spending[] => {
      const answer = answers[i]
      return answer?.kind === 'leased' ? [{ ...ask, units: add(answer.granted, ask.debt) }] : []
    })
    await desk.giveBack(producerId, unheard)
    return answers
  }

  const methodsFor = (child: ChildProcess): ParentMethods => ({
    findAccess: (hash) => access.find(hash),
    currentRouting: () => options.routing.current(),
    lease: (producerId, asks) => lease(child, producerId, asks),
    giveBack: (producerId, unspent) => desk.giveBack(producerId, unspent),
    takeTokens: (asks) => counters.takeTokens(asks),
    returnTokens: (returned) => counters.returnTokens(returned),
    takePlaces: (holder, asks) => counters.takePlaces(holder, asks),
    returnPlaces: (holder, returned) => counters.returnPlaces(holder, returned),
    keepAlive: (holder) => counters.keepAlive(holder),
    // A claim that is not kept: every call passes, as it does without a store.
    claimReplay: (call) =>
      replays?.claim(call) ?? Promise.resolve({ kind: 'claimed' as const, isBilled: false }),
    keepReplay: (call, answer) => replays?.keep(call, answer) ?? Promise.resolve(),
    releaseReplay: (call) => replays?.release(call) ?? Promise.resolve(),
    sealed: options.onSealed,
    log: (level, event, fields) => log[level](event, fields),
  })

  async function start(): Promise<void> {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const child = fork(new URL(`./worker.${extension}`, import.meta.url), [], {
      serialization: 'advanced',
      execArgv: [],
    })
    const remote = createChannel<WorkerMethods>(child, methodsFor(child))
    const worker: Worker = { process: child, remote, producerId: undefined }
    workers.add(worker)
    child.on('exit', (code, signal) => ended(worker, code, signal))
    const isListening = server === undefined
    const listen = {
      host,
      port: isListening ? port : null,
      reusePort: isListening,
      tls: options.tls,
    }
    const started = await remote.start(settings, listen)
    worker.producerId = started.producerId
    if (isListening) port = started.port
    log.info('gateway.worker_started', { pid: child.pid, producerId: worker.producerId })
  }

  /** Those whose engine is up. */
  const ready = (): Worker[] => [...workers].filter(({ producerId }) => producerId !== undefined)

  function inTurn(): Worker | undefined {
    const candidates = ready()
    return candidates[turn++ % Math.max(candidates.length, 1)]
  }

  /** In turn, to workers that are up. */
  function handOut(socket: Socket): void {
    const worker = inTurn()
    if (worker === undefined) socket.destroy()
    else worker.process.send(CONNECTION, socket, { keepOpen: false })
  }

  function ended(worker: Worker, code: number | null, signal: string | null): void {
    workers.delete(worker)
    const { producerId } = worker
    if (producerId !== undefined) {
      counters.retire(producerId).catch(() => undefined)
      options.onDeath(producerId)
    }
    if (isClosing) return
    log.error('gateway.worker_died', { pid: worker.process.pid, producerId, code, signal })
    setTimeout(restart, RESTART_MS).unref()
  }

  function restart(): void {
    if (isClosing) return
    start().catch((error: unknown) => log.error('gateway.worker_failed', { error }))
  }

  const stopNews = access.subscribe((change) => {
    for (const { remote } of workers) remote.hear(change).catch(() => undefined)
  })
  const stopRecalls = desk.onRecall((quota) => {
    for (const { remote } of workers) remote.recall(quota).catch(() => undefined)
  })
  // The first finds the port when any will do; the others share it.
  for (let i = 0; i < options.count; i++) await start()
  if (server !== undefined) {
    server.on('connection', handOut)
    port = await listen(server, host, port)
  }

  const decisions: Decisions = {
    async decide(ask) {
      const worker = inTurn()
      if (worker === undefined) throw new AppError('access_unavailable', { retryAfter: 1 })
      return worker.remote.decide(ask)
    },
    async explain(requestId) {
      const answers = await Promise.all(ready().map(({ remote }) => remote.explain(requestId)))
      return answers.find((answer) => answer !== undefined)
    },
  }

  return {
    port,
    decisions,
    status: () => Promise.all([...workers].map(({ remote }) => remote.status())),
    async flush() {
      await Promise.all([...workers].map(({ remote }) => remote.flush()))
    },
    async close() {
      isClosing = true
      stopNews()
      stopRecalls()
      server?.close()
      await Promise.all([...workers].map((worker) => stop(worker)))
    },
  }
}

async function stop({ process: child, remote }: Worker): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS)
  await remote.close().catch(() => undefined)
  if (child.connected) child.disconnect()
  await ended
  clearTimeout(timer)
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}
