import { readFileSync } from 'node:fs'
import type { Config } from '../config.ts'
import type { Clock } from '../kit/clock.ts'
import type { Log } from '../platform/log.ts'
import { openRedis, type Redis } from '../platform/redis/redis.ts'

/** The Redis that is configured, if any. */
export function openConfiguredRedis(
  { redis }: Config,
  deps: { readonly clock: Clock; readonly log: Log },
): Redis | undefined {
  const { url, cluster, ca, ...rest } = redis
  if (url === undefined) return undefined
  const urls = url.split(',').map((one) => one.trim())
  const authority = ca === undefined ? undefined : readFileSync(ca, 'utf8')
  return openRedis({ ...rest, urls, isCluster: cluster, ca: authority }, deps)
}
