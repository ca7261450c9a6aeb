import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/kit/clock.ts'
import { createLog } from '../../src/platform/log.ts'
import { openRedis, type Redis, type RedisOptions } from '../../src/platform/redis/redis.ts'
import { until } from './until.ts'

/** Redis of our own for a test: processes that can be killed and started again on the same port. */
export interface RedisServers {
  readonly urls: readonly string[]
  readonly isCluster: boolean
  /** The processes, one for each node. */
  readonly nodes: readonly RedisNode[]
  command(...args: readonly string[]): string
}

export interface RedisNode {
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  start(): Promise<void>
}

export const HAS_REDIS = hasBinary('redis-server') && hasBinary('redis-cli')
const CLUSTER_NODES = 3

function hasBinary(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export async function startRedis(
  options: { isCluster?: boolean; args?: readonly string[] } = {},
): Promise<RedisServers> {
  const { isCluster = false, args = [] } = options
  const folder = mkdtempSync(join(tmpdir(), 'farebox-redis-'))
  const running = new Map<number, ChildProcess>()
  onTestFinished(() => {
    for (const child of running.values()) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const ports: number[] = []
  for (let i = 0; i < (isCluster ? CLUSTER_NODES : 1); i++) ports.push(await freePort())

  async function start(port: number): Promise<void> {
    const own = isCluster
      ? ['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${port}.conf`]
      : []
    const child = spawn(
      'redis-server',
      ['--port', String(port), '--dir', folder, '--dbfilename', `${port}.rdb`, ...own, ...args],
      { stdio: 'ignore' },
    )
    running.set(port, child)
    await until(
      () => Promise.resolve(ask(port, 'ping')),
      (answer) => answer === 'PONG',
    )
  }

  function ask(port: number, ...command: readonly string[]): string {
    try {
      return execFileSync('redis-cli', ['-p', String(port), ...command], {
        timeout: 2_000,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
        .toString()
        .trim()
    } catch {
      return ''
    }
  }

  const [first = 0] = ports
  for (const port of ports) await start(port)
  if (isCluster) {
    const nodes = ports.map((port) => `127.0.0.1:${port}`)
    execFileSync('redis-cli', ['--cluster', 'create', ...nodes, '--cluster-yes'], {
      stdio: 'ignore',
    })
    await until(
      () => Promise.resolve(ports.map((port) => ask(port, 'cluster', 'info'))),
      (infos) => infos.every((info) => info.includes('cluster_state:ok')),
    )
  }
  return {
    urls: ports.map((port) => `redis://127.0.0.1:${port}`),
    isCluster,
    nodes: ports.map((port) => ({
      kill: (signal) => void running.get(port)?.kill(signal),
      start: () => start(port),
    })),
    command: (...command) => ask(first, ...command),
  }
}

/** A connection as one gateway has it, ready to be asked. */
export async function aRedis(
  { urls, isCluster }: Pick<RedisServers, 'urls' | 'isCluster'>,
  rest: Partial<RedisOptions> = {},
  isExpected = true,
): Promise<Redis> {
  const redis = openRedis(
    { urls, isCluster, prefix: 'test', ...rest },
    { clock: systemClock, log: createLog({ level: 'silent', format: 'json' }) },
  )
  onTestFinished(() => redis.close())
  if (isExpected) await until(() => Promise.resolve(redis.isReachable()), Boolean)
  return redis
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    // A node of a cluster also listens on its port plus ten thousand.
    server.listen(20_000 + Math.floor(Math.random() * 20_000), '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        resolve(typeof address === 'object' && address !== null ? address.port : 0),
      )
    })
  })
}
