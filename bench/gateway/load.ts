/**
 * The load: so many connections, each with one request under way, over plain sockets. A process of its own, so that
 * its work is not counted as anybody else's. Told by messages how long to run; answers with what it saw.
 */
import net from 'node:net'

export interface LoadRun {
  readonly port: number
  readonly connections: number
  readonly seconds: number
  /** How many keys the requests carry in turn; numbered from 1. */
  readonly keys: number
  /** Instead of for a time. */
  readonly requests?: number
}

export interface LoadResult {
  readonly requests: number
  readonly failures: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const STEP_MS = 0.01
const STEPS = 200_000

function run({
  port,
  connections,
  seconds,
  keys,
  requests = Infinity,
}: LoadRun): Promise<LoadResult> {
  const histogram = new Uint32Array(STEPS)
  const texts = Array.from({ length: keys }, (_, i) => requestText(i + 1))
  let done = 0
  let sent = 0
  let failures = 0
  const startedAt = performance.now()
  const until = startedAt + seconds * 1_000

  function connect(): Promise<void> {
    return new Promise((resolve) => {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
      let sentAt = 0
      let missing = 0
      let head = ''
      const next = (): void => {
        if (sent >= requests || performance.now() >= until) {
          socket.destroy()
          return
        }
        sentAt = performance.now()
        socket.write(texts[sent++ % keys] ?? '', 'latin1')
      }
      const finish = (isOk: boolean): void => {
        done++
        if (!isOk) failures++
        const step = Math.min(Math.round((performance.now() - sentAt) / STEP_MS), STEPS - 1)
        histogram[step] = (histogram[step] ?? 0) + 1
        next()
      }
      socket.on('connect', next)
      socket.on('error', () => failures++)
      socket.on('close', () => resolve())
      socket.on('data', (bytes) => {
        if (missing > 0) {
          missing -= bytes.length
          if (missing === 0) finish(true)
          return
        }
        head += bytes.toString('latin1')
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
        const isOk = head.startsWith('HTTP/1.1 200')
        missing = length - (head.length - end - 4)
        head = ''
        if (Number.isNaN(missing)) throw new Error('An answer without Content-Length')
        if (missing === 0) finish(isOk)
      })
    })
  }

  return Promise.all(Array.from({ length: connections }, connect)).then(() => ({
    requests: done,
    failures,
    seconds: (performance.now() - startedAt) / 1_000,
    p50Ms: percentile(histogram, done, 0.5),
    p99Ms: percentile(histogram, done, 0.99),
  }))
}

function requestText(n: number): string {
  const key = `fb_test_${String(n).padStart(32, '0')}`
  return `GET /v1/items?page=2 HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer ${key}\r\nAccept: application/json\r\nUser-Agent: bench\r\n\r\n`
}

function percentile(histogram: Uint32Array, count: number, share: number): number {
  let seen = 0
  for (let step = 0; step < STEPS; step++) {
    seen += histogram[step] ?? 0
    if (seen >= count * share) return step * STEP_MS
  }
  return STEPS * STEP_MS
}

process.on('message', (message) => {
  void run(message as LoadRun).then((result) => process.send?.(result))
})
