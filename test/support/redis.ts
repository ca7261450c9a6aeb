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
  /** The node that takes writes for a key. */
  nodeOf(key: string): RedisNode | undefined
}

export interface RedisNode {
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  start(): Promise<void>
}

export const HAS_REDIS = hasBinary('redis-server') && hasBinary('redis-cli')
const CLUSTER_NODES = 3
/** A node that is silent for so long is replaced by its replica. */
const NODE_TIMEOUT_MS = 1_000

function hasBinary(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export async function startRedis(
  options: { isCluster?: boolean; hasReplicas?: boolean; args?: readonly string[] } = {},
): Promise<RedisServers> {
  const { isCluster = false, hasReplicas = false, args = [] } = options
  const folder = mkdtempSync(join(tmpdir(), 'farebox-redis-'))
  const running = new Map<number, ChildProcess>()
  onTestFinished(() => {
    for (const child of running.values()) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const ports: number[] = []
  const count = (isCluster ? CLUSTER_NODES : 1) * (hasReplicas ? 2 : 1)
  for (let i = 0; i < count; i++) ports.push(await freePort())

  async function start(port: number): Promise<void> {
    const own = isCluster
      ? ['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${port}.conf`]
      : []
    const timeout = isCluster ? ['--cluster-node-timeout', String(NODE_TIMEOUT_MS)] : []
    const child = spawn(
      'redis-server',
      [
        '--port',
        String(port),
        '--dir',
        folder,
        '--dbfilename',
        `${port}.rdb`,
        ...own,
        ...timeout,
        ...args,
      ],
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
    const replicas = ['--cluster-replicas', hasReplicas ? '1' : '0']
    execFileSync('redis-cli', ['--cluster', 'create', ...nodes, ...replicas, '--cluster-yes'], {
      stdio: 'ignore',
    })
    await until(
      () => Promise.resolve(ports.map((port) => ask(port, 'cluster', 'info'))),
      (infos) => infos.every((info) => info.includes('cluster_state:ok')),
    )
    // A replica that has never heard its master takes over from nobody.
    await until(
      () => Promise.resolve(ports.map((port) => ask(port, 'info', 'replication'))),
      (infos) => infos.every((info) => !info.includes('master_link_status:down')),
    )
  }
  const nodes = ports.map((port): RedisNode => ({
    kill: (signal) => void running.get(port)?.kill(signal),
    start: () => start(port),
  }))
  return {
    urls: ports.map((port) => `redis://127.0.0.1:${port}`),
    isCluster,
    nodes,
    command: (...command) => ask(first, ...command),
    nodeOf(key) {
      const alive = ports.find((port) => ask(port, 'ping') === 'PONG') ?? first
      const slot = Number(ask(alive, 'cluster', 'keyslot', key))
      const line = ask(alive, 'cluster', 'nodes')
        .split('\n')
        .find((node) => /\bmaster\b/.test(node) && hasSlot(node, slot))
      const port = Number(/:(\d+)@/.exec(line ?? '')?.[1])
      return nodes[ports.indexOf(port)]
    },
  }
}

/** A line of `CLUSTER NODES` ends with the ranges of slots the node has. */
function hasSlot(node: string, slot: number): boolean {
  return [...node.matchAll(/ (\d+)-(\d+)/g)].some(
    ([, first, last]) => slot >= Number(first) && slot <= Number(last),
  )
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

/** A node of a cluster also listens on its port plus ten thousand. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 20_000)
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
