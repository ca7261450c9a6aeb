import { Cluster, Redis as Client } from 'ioredis'
import type { Clock } from '../../kit/clock.ts'
import { sha1Hex } from '../../kit/crypto.ts'
import { SECOND_MS } from '../../kit/instant.ts'
import type { Log } from '../log.ts'

/** Redis or Valkey, one server or a cluster. All we ask of it are small scripts that touch one key each. */
export interface Redis {
  /**
   * Runs a script on one key. Rejects within a quarter of a second when there is no answer, and at once for a while
   * after that: whoever asks has another way. What a script did whose answer never came is unknown.
   */
  run(script: Script, key: string, args: readonly (string | number)[]): Promise<unknown>
  /** Whether the last question was answered, for people to look at. */
  isReachable(): boolean
  /** Whether it is worth asking: it failed long enough ago to try again. */
  mayAnswer(): boolean
  close(): Promise<void>
}

export interface Script {
  readonly lua: string
  readonly sha: string
}

export function script(lua: string): Script {
  return { lua, sha: sha1Hex(lua) }
}

export interface RedisOptions {
  /** `redis://` or `rediss://`; of a cluster any of its nodes. */
  readonly urls: readonly string[]
  readonly isCluster: boolean
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** Who signed the server's certificate, in PEM, if nobody well-known did. */
  readonly ca?: string | undefined
  /** Before every key, so that installations can share a server. */
  readonly prefix: string
}

const ANSWER_DUE_MS = 250
/** A connection that says nothing for so long, though it was asked, is opened anew. */
const HUNG_MS = 5 * SECOND_MS
/** So long after a failure nobody is kept waiting. */
const AWAY_MS = SECOND_MS
const LONGEST_RETRY_MS = SECOND_MS
const CLOSE_MS = SECOND_MS

interface RedisDeps {
  readonly clock: Clock
  readonly log: Log
}

/** Does not wait for the connection: a process starts, and serves, without Redis. */
export function openRedis(options: RedisOptions, { clock, log }: RedisDeps): Redis {
  const client = connect(options)
  const { prefix } = options
  let awayUntil = 0
  let isAway = false
  client.on('error', (error: unknown) => log.debug('redis.connection_failed', { error }))

  function lose(error: unknown): void {
    awayUntil = clock.now() + AWAY_MS
    if (isAway) return
    isAway = true
    log.error('redis.unreachable', { error })
  }

  async function ask({ lua, sha }: Script, key: string, args: readonly (string | number)[]) {
    try {
      return await client.evalsha(sha, 1, key, ...args)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return client.eval(lua, 1, key, ...args)
    }
  }

  return {
    async run(what, key, args) {
      if (clock.now() < awayUntil || client.status !== 'ready') {
        throw new Error('Redis does not answer')
      }
      try {
        const answer = await within(ask(what, `${prefix}:${key}`, args), ANSWER_DUE_MS)
        if (isAway) log.info('redis.back')
        isAway = false
        return answer
      } catch (error) {
        lose(error)
        throw error
      }
    },
    isReachable: () => client.status === 'ready' && !isAway,
    mayAnswer: () => client.status === 'ready' && clock.now() >= awayUntil,
    async close() {
      // A server that is gone says no goodbye.
      await within(client.quit(), CLOSE_MS).catch(() => undefined)
      client.disconnect()
    },
  }
}

function connect(options: RedisOptions): Client | Cluster {
  const { urls, isCluster, username, password, ca } = options
  const addresses = urls.map(addressIn)
  const [first] = addresses
  if (first === undefined) throw new Error('Redis has no address')
  const common = {
    ...first.credentials,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(first.isEncrypted ? { tls: ca === undefined ? {} : { ca } } : {}),
    socketTimeout: HUNG_MS,
    connectTimeout: 5 * SECOND_MS,
    // What was not answered is never sent a second time: units would be taken twice.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  }
  const retry = (attempt: number): number => Math.min(attempt * 50, LONGEST_RETRY_MS)
  if (!isCluster) {
    const { node, db } = first
    return new Client({ ...common, ...node, db, enableOfflineQueue: false, retryStrategy: retry })
  }
  return new Cluster(
    addresses.map(({ node }) => node),
    {
      redisOptions: common,
      // Nodes are connected to by the first command for them; those that come meanwhile wait for that, not longer than
      // for an answer. Nothing waits for a cluster that is not there: it is not asked.
      enableOfflineQueue: true,
      clusterRetryStrategy: retry,
      // A command whose connection broke would be sent again, and units taken twice; look around often instead.
      retryDelayOnFailover: 0,
      slotsRefreshInterval: 2 * SECOND_MS,
      // With TLS a certificate is checked against the name a node is announced by.
      dnsLookup: (address, callback) => callback(null, address),
    },
  )
}

function addressIn(url: string) {
  const { protocol, hostname, port, pathname, username, password } = new URL(url)
  return {
    node: { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) },
    db: Number(pathname.slice(1)),
    isEncrypted: protocol === 'rediss:',
    credentials: {
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    },
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<never>((_resolve, reject) => {
    // When this process was busy the answer may have arrived and not been read: the turn ends first.
    timer = setTimeout(() => setImmediate(() => reject(new Error(`no answer within ${ms} ms`))), ms)
  })
  try {
    return await Promise.race([work, overdue])
  } finally {
    clearTimeout(timer)
  }
}
