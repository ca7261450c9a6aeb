import { createServer, type Server, type Socket } from 'node:net'
import { SECOND_MS } from '../kit/instant.ts'
import type { Engine } from './engine.ts'
import { createFastLane } from './fast/fast-lane.ts'
import { createSlowLane } from './slow/slow-lane.ts'
import { createTlsServer, type TlsFiles } from './tls.ts'

/** Where to listen. */
export interface ListenOptions {
  readonly host: string
  /** Null listens nowhere: a parent process accepts, and hands connections over. */
  readonly port: number | null
  /** Several processes listen on the port, and the kernel spreads connections over them. */
  readonly reusePort: boolean
  /** Null speaks plain HTTP. */
  readonly tls: TlsFiles | null
}

/** The open port of a process, with the lanes behind it. */
export interface Listener {
  /** 0 when it listens nowhere. */
  readonly port: number
  /** A connection that somebody else accepted. */
  accept(socket: Socket): void
  /** Takes no new connections and lets requests under way finish. */
  close(): Promise<void>
}

const DRAIN_MS = 30 * SECOND_MS
const BACKLOG = 4_096
/** Paused, so that whoever gets a connection may still say how it is read. */
const SOCKETS = { noDelay: true, allowHalfOpen: true, pauseOnConnect: true }

export async function startListener(engine: Engine, options: ListenOptions): Promise<Listener> {
  const slow = createSlowLane(engine)
  const fast = createFastLane({ ...engine, handOver: slow.take })
  const { tls } = options
  const secure =
    tls === null
      ? null
      : createTlsServer(tls, engine.log, (socket) => {
          if (socket.alpnProtocol === 'h2') slow.takeHttp2(socket)
          else fast.accept(socket)
        })
  const server = secure?.server ?? createServer(SOCKETS, fast.accept)
  const port = options.port === null ? 0 : await listen(server, options)
  return {
    port,
    accept(socket) {
      socket.allowHalfOpen = true
      socket.setNoDelay(true)
      if (secure === null) fast.accept(socket)
      else secure.server.emit('connection', socket)
      socket.resume()
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await Promise.all([fast.drain(DRAIN_MS), slow.drain(DRAIN_MS)])
      secure?.stop()
      await closed
    },
  }
}

function listen(server: Server, { host, port, reusePort }: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port: port ?? 0, backlog: BACKLOG, reusePort }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}
