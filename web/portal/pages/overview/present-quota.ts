import type { ResponseOf } from '../../../../src/client/client.ts'
import { decimal, formatDecimal, subtract } from '../../../../src/kit/decimal.ts'
import { formatDate } from '../../../ui/format.ts'
import { unitsOf } from '../../../ui/pricing/price-words.ts'
import { projectExhaustion } from '../../../ui/quota.ts'

export type Quota = ResponseOf<'get', '/api/v1/portal/overview'>['quotas'][number]

export interface QuotaWords {
  /** Undefined for a meter bar; otherwise the word in its place: nothing is included, or nothing ends. */
  readonly open: 'Unlimited' | 'Pay as you go' | undefined
  readonly note: string
}

/** What to expect of a quota until it starts afresh, if things go on as they have. */
export function quotaWords(quota: Quota, now: number): QuotaWords {
  const { limit, used, unit, onLimit, resetsAt } = quota
  const resets = `Starts afresh on ${formatDate(resetsAt)}`
  if (limit === null) return { open: 'Unlimited', note: resets }
  if (decimal(limit) === 0n && onLimit === 'bill_overage') {
    return { open: 'Pay as you go', note: `Billed on ${formatDate(resetsAt)}` }
  }
  const beyond = subtract(decimal(used), decimal(limit))
  if (beyond > 0n && onLimit === 'bill_overage') {
    return { open: undefined, note: `${unitsOf(formatDecimal(beyond), unit)} beyond, billed` }
  }
  if (beyond >= 0n) return { open: undefined, note: resets }
  const exhaustedAt = projectExhaustion(quota, { ...quota, endsAt: resetsAt }, now)
  if (exhaustedAt === undefined) return { open: undefined, note: resets }
  return { open: undefined, note: `At this pace used up on ${formatDate(exhaustedAt)}` }
}
