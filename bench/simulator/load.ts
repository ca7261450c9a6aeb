import { performance } from 'node:perf_hooks'
import { Pool } from 'undici'
import type { MeasuredServer } from './process.ts'

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
}

export interface Throughput {
  readonly perSecond: number
  /** What one core could do: calls by seconds of processor time. */
  readonly perCoreSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const CONNECTIONS = 8

/** Keeps as many calls going as there are connections, for a while, after a warm-up of half as long. */
export async function load(
  server: MeasuredServer,
  call: (n: number) => Call,
  { seconds, key = 'sk_test_bench' }: { readonly seconds: number; readonly key?: string },
): Promise<Throughput> {
  const pool = new Pool(server.url, { connections: CONNECTIONS, pipelining: 1 })
  let n = 0
  async function run(untilMs: number, durations: number[]): Promise<void> {
    while (performance.now() < untilMs) {
      const startedAt = performance.now()
      n += 1
      const { method, path, body } = call(n)
      const { statusCode, body: answer } = await pool.request({
        method,
        path,
        headers: {
          authorization: `Bearer ${key}`,
          'stripe-version': '2026-10-28.endive',
          ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(body === undefined ? {} : { body }),
      })
      const text = await answer.text()
      if (statusCode !== 200) throw new Error(`${method} ${path} answered ${statusCode}: ${text}`)
      durations.push(performance.now() - startedAt)
    }
  }
  const all = async (ms: number): Promise<number[]> => {
    const durations: number[] = []
    const until = performance.now() + ms
    await Promise.all(Array.from({ length: CONNECTIONS }, () => run(until, durations)))
    return durations
  }

  await all(seconds * 500)
  const before = await server.usage()
  const startedAt = performance.now()
  const durations = await all(seconds * 1_000)
  const elapsedMs = performance.now() - startedAt
  const after = await server.usage()
  await pool.close()

  durations.sort((a, b) => a - b)
  const at = (part: number): number => durations[Math.floor(durations.length * part)] ?? 0
  return {
    perSecond: (durations.length / elapsedMs) * 1_000,
    perCoreSecond: (durations.length / (after.cpuMs - before.cpuMs)) * 1_000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  }
}
