import type { Socket } from 'node:net'
import type { Clock } from '../../kit/clock.ts'
import { SECOND_MS } from '../../kit/instant.ts'
import type { Log } from '../../platform/log.ts'
import type { ClientAddresses } from '../client-address.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Refusals } from '../refusal.ts'
import type { Meter } from '../stages/meter.ts'
import type { Upstreams } from '../upstreams/upstreams.ts'
import { ClientConnection } from './client-connection.ts'
import { Outbox } from './outbox.ts'
import type { Passage } from './passage.ts'

/**
 * The lane for plain requests: two small strict grammars over `node:net`. It reads nothing it could misunderstand;
 * whatever is not in its grammar goes to the slow lane with every byte, and so does the rest of that connection.
 */
export interface FastLane {
  /** Takes a new client connection. */
  accept(socket: Socket): void
  /** Takes nothing new; resolves when what runs has finished, or the time is over. */
  drain(withinMs: number): Promise<void>
}

/** What connections need of their lane. */
export interface FastLaneDeps {
  readonly pipeline: Pipeline
  readonly meter: Meter
  readonly refusals: Refusals
  readonly addresses: ClientAddresses
  readonly clock: Clock
  readonly log: Log
  readonly outbox: Outbox
  isDraining(): boolean
  /** At the end of this turn of the event loop, so that what was decided in it is written together. */
  dispatchLater(passage: Passage): void
  handOver(socket: Socket): void
  left(connection: ClientConnection): void
}

export interface FastLaneTimes {
  /** For a head that has begun. */
  readonly headMs: number
  readonly keepAliveMs: number
  /** For bodies that stop moving. */
  readonly stallMs: number
  readonly lingerMs: number
}

interface FastLaneOptions {
  readonly pipeline: Pipeline
  readonly meter: Meter
  readonly refusals: Refusals
  readonly addresses: ClientAddresses
  readonly upstreams: Upstreams
  readonly clock: Clock
  readonly log: Log
  /** The slow lane takes a connection. */
  readonly handOver: (socket: Socket) => void
}

const SWEEP_MS = 500
const TIMES: FastLaneTimes = {
  headMs: 10 * SECOND_MS,
  keepAliveMs: 75 * SECOND_MS,
  stallMs: 60 * SECOND_MS,
  lingerMs: SECOND_MS,
}

export function createFastLane(options: FastLaneOptions): FastLane {
  const { clock, upstreams } = options
  const connections = new Set<ClientConnection>()
  let ready: Passage[] = []
  let isScheduled = false
  let isDraining = false
  // One sweep for all time-outs costs less than a timer per request.
  const sweepTimer = setInterval(sweep, SWEEP_MS)
  sweepTimer.unref()

  const deps: FastLaneDeps = {
    ...options,
    outbox: new Outbox(),
    isDraining: () => isDraining,
    dispatchLater(passage) {
      ready.push(passage)
      if (isScheduled) return
      isScheduled = true
      setImmediate(dispatchReady)
    },
    left: (connection) => void connections.delete(connection),
  }

  function dispatchReady(): void {
    const passages = ready
    ready = []
    isScheduled = false
    for (const passage of passages) passage.dispatch()
  }

  function sweep(): void {
    const now = clock.now()
    for (const connection of connections) connection.sweep(now, TIMES)
    upstreams.sweep(now)
  }

  return {
    accept(socket) {
      connections.add(new ClientConnection(deps, socket, clock.now()))
    },
    async drain(withinMs) {
      isDraining = true
      for (const connection of connections) connection.drain()
      const deadline = Date.now() + withinMs
      while (connections.size > 0 && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      for (const { socket } of connections) socket.destroy()
      clearInterval(sweepTimer)
    },
  }
}
