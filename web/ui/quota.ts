/** How full a quota is and how loud to say so; the thresholds are those of the notifications, 80 % and 100 %. */
export interface QuotaState {
  /** Undefined without a limit, and where all usage is billed. */
  readonly share: number | undefined
  readonly level: 'calm' | 'near' | 'reached' | 'over'
  readonly word: string | undefined
}

const NEAR = 0.8

/** What happens beyond the limit, as the API says it; a budget may only `tell`. */
export type OnLimit = 'block' | 'bill_overage' | 'warn' | 'throttle' | 'tell'

const AT_THE_LIMIT: Record<OnLimit, Pick<QuotaState, 'level' | 'word'>> = {
  block: { level: 'reached', word: 'Used up' },
  throttle: { level: 'reached', word: 'Slowed down' },
  bill_overage: { level: 'over', word: 'Extra usage is billed' },
  warn: { level: 'near', word: 'More than included' },
  tell: { level: 'near', word: 'Used up' },
}

export function quotaState(used: string, limit: string | null, onLimit: OnLimit): QuotaState {
  if (limit === null) return { share: undefined, level: 'calm', word: undefined }
  const total = Number(limit)
  // Paid from the first unit on: there is no quota to be full.
  if (total === 0 && onLimit === 'bill_overage') {
    return { share: undefined, level: 'calm', word: 'Billed from the first' }
  }
  // A quota of zero is full from the start: nothing is included.
  const share = total > 0 ? Number(used) / total : 1
  if (share < NEAR) return { share, level: 'calm', word: undefined }
  if (share < 1) return { share, level: 'near', word: 'Almost used up' }
  // Exactly at a soft limit nothing has been billed yet.
  if (share === 1 && onLimit !== 'block' && onLimit !== 'tell') {
    return { share, level: 'near', word: 'Included usage used up' }
  }
  return { share, ...AT_THE_LIMIT[onLimit] }
}

/**
 * When the quota will be used up if usage goes on as in this period so far; undefined when it lasts until the reset or
 * when too little of the period has passed to say.
 */
export function projectExhaustion(
  usage: { readonly used: string; readonly limit: string | null },
  period: { readonly startsAt: string; readonly endsAt: string },
  now: number,
): string | undefined {
  if (usage.limit === null) return undefined
  const start = Date.parse(period.startsAt)
  const end = Date.parse(period.endsAt)
  const used = Number(usage.used)
  const limit = Number(usage.limit)
  const elapsed = now - start
  if (used <= 0 || used >= limit || elapsed < (end - start) / 50) return undefined
  const exhaustedAt = start + (elapsed * limit) / used
  return exhaustedAt < end ? new Date(exhaustedAt).toISOString() : undefined
}
