import { assertNever } from '../../kit/assert.ts'
import { DAY_MS, type Instant } from '../../kit/instant.ts'
import { boundary, duration } from '../../kit/period.ts'

/** What happens after a payment failed, as data. */
export interface DunningPolicy {
  /** When to try again, counted from the first failure: `P1D`, `P3D`, … */
  readonly retryAfter: readonly string[]
  readonly finalAction: FinalAction
  /** Whose retries these are. Stripe's own run on its schedule; a new payment method is tried by us either way. */
  readonly retries: 'ours' | 'stripe'
}

export type FinalAction = 'mark_uncollectible' | 'cancel' | 'switch_to_default' | 'pause'

export const DEFAULT_DUNNING: DunningPolicy = {
  retryAfter: ['P1D', 'P3D', 'P5D', 'P7D'],
  finalAction: 'mark_uncollectible',
  retries: 'ours',
}

/** One unpaid invoice and everything that was tried about it. */
export interface DunningCase {
  readonly id: string
  readonly openedAt: Instant
  readonly invoiceState: 'open' | 'paid' | 'void' | 'uncollectible'
  /** The first failure is the first of them. */
  readonly attempts: readonly PaymentAttempt[]
  readonly newPaymentMethodAt: Instant | null
  /** When access ends; null when it does not, or no clock is running. */
  readonly blocksAt: Instant | null
  /** Stripe retries no more. */
  readonly hasStripeGivenUp: boolean
  readonly sent: readonly DunningMessage[]
}

export interface PaymentAttempt {
  readonly at: Instant
  readonly result: 'failed' | 'succeeded' | 'pending'
  readonly declineCode: string | null
}

export type DunningMessage =
  | 'payment_failed'
  | 'blocking_soon'
  | 'blocked'
  | 'final'
  | 'recovered'
  /** That a sent invoice waits, with the time it is said at: `reminder:-P3D`. */
  | `reminder:${string}`

export interface DunningStep {
  readonly state: 'open' | 'recovered' | 'exhausted' | 'canceled'
  readonly action: DunningAction
  /** To send now; the key makes each of them go out once, whoever decides it how often. */
  readonly messages: readonly { readonly message: DunningMessage; readonly dedupeKey: string }[]
  /** Blind retries cannot help; only another card, or the customer's bank, can. */
  readonly needsNewPaymentMethod: boolean
  /** When to look again; null when nothing will happen by the passing of time alone. */
  readonly nextAt: Instant | null
}

export type DunningAction =
  | { readonly kind: 'none' }
  /** `attempt` counts all attempts and makes the retry's idempotency key. */
  | {
      readonly kind: 'retry'
      readonly attempt: number
      readonly why: 'schedule' | 'new_payment_method'
    }
  | { readonly kind: 'finish'; readonly finalAction: FinalAction }

const WARNING_MS = DAY_MS
const REPEATED = 2

/** The issuer says not to come back with this card. The list Stripe itself does not retry. */
const HARD_DECLINES: ReadonlySet<string> = new Set([
  'authentication_required',
  'do_not_try_again',
  'highest_risk_level',
  'incorrect_number',
  'lost_card',
  'pickup_card',
  'revocation_of_all_authorizations',
  'revocation_of_authorization',
  'stolen_card',
  'transaction_not_allowed',
])

/** What to do about an unpaid invoice at this moment. Decided twice, it is done once. */
export function decideDunning(
  dunning: DunningCase,
  policy: DunningPolicy,
  now: Instant,
): DunningStep {
  switch (dunning.invoiceState) {
    case 'paid':
      return settled(
        dunning,
        'recovered',
        dunning.sent.includes('payment_failed') ? ['recovered'] : [],
      )
    case 'void':
      return settled(dunning, 'canceled', [])
    case 'uncollectible':
      return settled(dunning, 'exhausted', ['final'])
    case 'open':
      return decideOpen(dunning, policy, now)
    default:
      return assertNever(dunning.invoiceState)
  }
}

/** Whether trying the same payment method again is pointless. */
export function isHardDecline(attempts: readonly PaymentAttempt[]): boolean {
  const failed = attempts.filter(({ result }) => result === 'failed')
  const code = failed.at(-1)?.declineCode
  if (code === 'do_not_honor') {
    return failed.filter(({ declineCode }) => declineCode === code).length >= REPEATED
  }
  return code !== null && code !== undefined && HARD_DECLINES.has(code)
}

function decideOpen(dunning: DunningCase, policy: DunningPolicy, now: Instant): DunningStep {
  const attempts = dunning.attempts.toSorted((a, b) => a.at - b.at)
  const last = attempts.at(-1)
  const lastAt = last?.at ?? dunning.openedAt
  const hasNewMethod = dunning.newPaymentMethodAt !== null && dunning.newPaymentMethodAt > lastAt
  const needsNewPaymentMethod = !hasNewMethod && isHardDecline(attempts)
  const schedule = scheduleOf(dunning, policy)
  const next = schedule.find((at) => at > lastAt)
  const isOver = isExhausted(
    dunning,
    policy,
    { next, needsNewPaymentMethod, end: schedule.at(-1) },
    now,
  )

  const open = (action: DunningAction): DunningStep => ({
    state: 'open',
    action,
    messages: due(dunning, openMessages(dunning, now)),
    needsNewPaymentMethod,
    nextAt: nextMoment(dunning, schedule, now),
  })
  const retry = (why: 'schedule' | 'new_payment_method') =>
    open({ kind: 'retry', attempt: attempts.length + 1, why })

  if (last?.result === 'pending') return open({ kind: 'none' })
  if (hasNewMethod) return retry('new_payment_method')
  if (isOver) {
    return {
      state: 'exhausted',
      action: { kind: 'finish', finalAction: policy.finalAction },
      messages: due(dunning, ['final']),
      needsNewPaymentMethod,
      nextAt: null,
    }
  }
  const isDue = policy.retries === 'ours' && next !== undefined && next <= now
  return isDue && !needsNewPaymentMethod ? retry('schedule') : open({ kind: 'none' })
}

/**
 * Over when the last retry has failed. A card that must not be retried is not, but its owner has until the end of the
 * schedule to bring another one.
 */
function isExhausted(
  { hasStripeGivenUp }: DunningCase,
  { retries }: DunningPolicy,
  {
    next,
    needsNewPaymentMethod,
    end,
  }: {
    next: Instant | undefined
    needsNewPaymentMethod: boolean
    end: Instant | undefined
  },
  now: Instant,
): boolean {
  if (retries === 'stripe') return hasStripeGivenUp
  return needsNewPaymentMethod ? end === undefined || end <= now : next === undefined
}

function scheduleOf({ openedAt }: DunningCase, { retryAfter }: DunningPolicy): Instant[] {
  return retryAfter.map((after) => boundary(openedAt, duration(after), 1)).toSorted((a, b) => a - b)
}

function openMessages(dunning: DunningCase, now: Instant): DunningMessage[] {
  return ['payment_failed', ...blockMessages(dunning, now)]
}

/** What is said about access that stops, and when it has. */
export function blockMessages(
  { blocksAt, openedAt }: Pick<DunningCase, 'blocksAt' | 'openedAt'>,
  now: Instant,
): DunningMessage[] {
  if (blocksAt === null) return []
  if (now >= blocksAt) return ['blocked']
  // With less than a day of grace the first message has said it all.
  const warnsAt = blocksAt - WARNING_MS
  return warnsAt > openedAt && now >= warnsAt ? ['blocking_soon'] : []
}

export function settled(
  dunning: Pick<DunningCase, 'id' | 'sent'>,
  state: DunningStep['state'],
  messages: readonly DunningMessage[],
): DunningStep {
  return {
    state,
    action: { kind: 'none' },
    messages: due(dunning, messages),
    needsNewPaymentMethod: false,
    nextAt: null,
  }
}

/** Each message once. */
export function due(
  { id, sent }: Pick<DunningCase, 'id' | 'sent'>,
  messages: readonly DunningMessage[],
): DunningStep['messages'] {
  return messages
    .filter((message) => !sent.includes(message))
    .map((message) => ({ message, dedupeKey: `dunning:${id}:${message}` }))
}

function nextMoment(
  dunning: DunningCase,
  schedule: readonly Instant[],
  now: Instant,
): Instant | null {
  return firstAfter([...schedule, ...blockMoments(dunning)], now)
}

export function blockMoments({ blocksAt }: Pick<DunningCase, 'blocksAt'>): Instant[] {
  return blocksAt === null ? [] : [blocksAt - WARNING_MS, blocksAt]
}

export function firstAfter(moments: readonly Instant[], now: Instant): Instant | null {
  const ahead = moments.filter((at) => at > now)
  return ahead.length === 0 ? null : Math.min(...ahead)
}
