import type { Socket } from 'node:net'
import type { AccessChange } from '../../domain/entitlements/access-changes.ts'
import type { Recalled } from '../../domain/entitlements/quota-authority.service.ts'
import { systemClock } from '../../kit/clock.ts'
import type { AskedCounters } from '../../platform/counters/counters.ts'
import type { Log, LogFields } from '../../platform/log.ts'
import { createEngine, type Engine, type EngineSources } from '../engine.ts'
import { type Listener, startListener } from '../listener.ts'
import { createChannel, type Remote } from './channel.ts'
import { CONNECTION, type ParentMethods, type WorkerMethods } from './protocol.ts'

/**
 * A worker process: an engine and a listener that know the rest of the world through their parent. Started by the
 * parent with `fork`; a worker whose parent is gone finishes what it is doing and ends.
 */
type Listeners<T> = Set<(value: T) => void>

let engine: Engine | undefined
let listener: Listener | undefined
const changeListeners: Listeners<AccessChange> = new Set()
const recallListeners: Listeners<Recalled> = new Set()

const methods: WorkerMethods = {
  async start(settings, listen) {
    engine = await createEngine(sourcesOf(parent), settings, { clock: systemClock, log })
    listener = await startListener(engine, listen)
    return { port: listener.port, producerId: engine.producerId }
  },
  hear: (change) => tell(changeListeners, change),
  recall: (quota) => tell(recallListeners, quota),
  status: () => running().status(),
  decide: (ask) => running().decisions.decide(ask),
  explain: (requestId) => running().decisions.explain(requestId),
  flush: () => engine?.flush() ?? Promise.resolve(),
  async close() {
    await listener?.close()
    await engine?.close()
  },
}

function running(): Engine {
  if (engine === undefined) throw new Error('The worker has not started')
  return engine
}

process.on('message', (message, socket) => {
  if (message !== CONNECTION || socket === undefined) return
  if (listener === undefined) (socket as Socket).destroy()
  else listener.accept(socket as Socket)
})
const parent = createChannel<ParentMethods>(process, methods)
const log = createParentLog(parent, {})

process.on('disconnect', () => {
  void methods.close().finally(() => process.exit(0))
})
// A terminal sends its signal to all processes; the parent tells us when to go.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)

function sourcesOf(remote: Remote<ParentMethods>): EngineSources {
  return {
    access: {
      find: (hash) => remote.findAccess(hash),
      subscribe: (onChange) => subscribe(changeListeners, onChange),
    },
    routing: { current: () => remote.currentRouting() },
    desk: {
      lease: (producerId, asks) => remote.lease(producerId, asks),
      giveBack: (producerId, unspent) => remote.giveBack(producerId, unspent),
      onRecall: (onRecall) => subscribe(recallListeners, onRecall),
    },
    counters: countersOf(remote),
    replays: {
      claim: (call) => remote.claimReplay(call),
      keep: (call, answer) => remote.keepReplay(call, answer),
      release: (call) => remote.releaseReplay(call),
    },
    onSealed: (producerId) => quietly(remote.sealed(producerId)),
  }
}

function countersOf(remote: Remote<ParentMethods>): AskedCounters {
  return {
    takeTokens: (asks) => remote.takeTokens(asks),
    returnTokens: (returned) => remote.returnTokens(returned),
    takePlaces: (holder, asks) => remote.takePlaces(holder, asks),
    returnPlaces: (holder, returned) => remote.returnPlaces(holder, returned),
    keepAlive: (holder) => remote.keepAlive(holder),
    // The parent sees a worker end, and frees its places itself.
    retire: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

function createParentLog(remote: Remote<ParentMethods>, own: LogFields): Log {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') => (event: string, fields?: LogFields) =>
      quietly(remote.log(level, event, { ...own, ...fields }))
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => createParentLog(remote, { ...own, ...fields }),
  }
}

function subscribe<T>(listeners: Listeners<T>, onValue: (value: T) => void): () => void {
  listeners.add(onValue)
  return () => listeners.delete(onValue)
}

function tell<T>(listeners: Listeners<T>, value: T): void {
  for (const onValue of listeners) onValue(value)
}

/** For what nobody waits for; a parent that is gone ends this process anyway. */
function quietly(work: Promise<unknown>): void {
  work.catch(() => undefined)
}
