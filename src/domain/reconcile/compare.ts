import { assertNever } from '../../kit/assert.ts'
import type { FindingCategory } from '../findings/finding.ts'

export type ComparedKind =
  | 'customer'
  | 'subscription'
  | 'invoice'
  | 'payment'
  | 'refund'
  | 'dispute'

/** One object, by Stripe's id, as far as both sides can say it; amounts as text, exact. */
export interface Compared {
  readonly kind: ComparedKind
  readonly stripeId: string
  readonly currency: string | null
  readonly status: string
  /** Names and amounts in minor units, or instants. */
  readonly values: Readonly<Record<string, string | null>>
}

/** Where something is that is not among its customer's at Stripe. */
export type Whereabouts = 'nowhere' | 'other_mode' | 'elsewhere'

export interface Difference {
  readonly category: FindingCategory
  /** `usage` is the total of one meter. */
  readonly kind: ComparedKind | 'usage'
  readonly stripeId: string
  readonly ours: Readonly<Record<string, string | null>> | null
  readonly theirs: Readonly<Record<string, string | null>> | null
  /** What Stripe says now can be taken over without anybody's judgement. */
  readonly isSafe: boolean
}

/**
 * How two views of one customer differ. What Stripe has and we lack, or see in an older state, is taken over; what we have and
 * Stripe lacks is never forgotten by itself.
 */
export function compare(ours: readonly Compared[], theirs: readonly Compared[]): Difference[] {
  const keyOf = ({ kind, stripeId }: Compared) => `${kind} ${stripeId}`
  const known = new Map(ours.map((entry) => [keyOf(entry), entry]))
  const differences = theirs.flatMap((remote): Difference[] => {
    const local = known.get(keyOf(remote))
    known.delete(keyOf(remote))
    return local === undefined ? [missingHere(remote)] : between(local, remote)
  })
  return [...differences, ...[...known.values()].map(missingThere)]
}

function between(local: Compared, remote: Compared): Difference[] {
  const { kind, stripeId } = remote
  const same = { kind, stripeId }
  if (local.currency !== remote.currency) {
    const ours = { currency: local.currency }
    return [
      { ...same, category: 'currency', ours, theirs: { currency: remote.currency }, isSafe: false },
    ]
  }
  const names = Object.keys(remote.values).filter(
    (name) => local.values[name] !== remote.values[name],
  )
  if (local.status === remote.status && names.length === 0) return []
  const pick = ({ status, values }: Compared) => ({
    status,
    ...Object.fromEntries(names.map((name) => [name, values[name] ?? null])),
  })
  const category = local.status === remote.status ? 'amount' : 'status'
  return [{ ...same, category, ours: pick(local), theirs: pick(remote), isSafe: true }]
}

function missingHere({ kind, stripeId, status }: Compared): Difference {
  return { category: 'missing_local', kind, stripeId, ours: null, theirs: { status }, isSafe: true }
}

function missingThere({ kind, stripeId, status }: Compared): Difference {
  const ours = { status }
  // Looking at a customer who is gone marks them as gone, and forgets nothing.
  const isSafe = kind === 'customer'
  return { category: 'missing_remote', kind, stripeId, ours, theirs: null, isSafe }
}

/** What is not among the customer's at Stripe, once it is known where it is instead. */
export function located(difference: Difference, where: Whereabouts): Difference {
  switch (where) {
    case 'nowhere':
      return difference
    case 'other_mode':
      return { ...difference, category: 'mode', theirs: { where: 'the other mode' }, isSafe: false }
    case 'elsewhere':
      return { ...difference, category: 'orphan', theirs: { where: 'elsewhere' }, isSafe: false }
    default:
      return assertNever(where)
  }
}

/** For the operator who decides about it. */
export function summaryOf(difference: Difference): string {
  const { category, kind, stripeId } = difference
  if (kind === 'usage') return usageSummary(difference)
  switch (category) {
    case 'missing_local':
      return `Stripe has the ${kind} ${stripeId}, and we do not.`
    case 'missing_remote':
      return `We have the ${kind} ${stripeId}, and Stripe does not.`
    case 'mode':
      return `The ${kind} ${stripeId} is one of Stripe's other mode, and cannot be ours in this one.`
    case 'orphan':
      return `The ${kind} ${stripeId} is this customer's here, and somebody else's in Stripe.`
    default:
      return `The ${kind} ${stripeId} differs: ${differingValues(difference)}.`
  }
}

function usageSummary({ category, stripeId, ours, theirs }: Difference): string {
  const [, meterKey] = stripeId.split('/')
  const { reported = '0', refused = '0' } = ours ?? {}
  const counts = `Of the meter ${meterKey} ${reported} was reported, and Stripe counts ${theirs?.['counted'] ?? '0'}`
  if (refused === '0') return `${counts}.`
  const rest = category === 'late' ? 'some of it too old to be sent again' : 'waiting to count'
  return `${counts}; ${refused} was refused, ${rest}.`
}

function differingValues({ ours, theirs }: Difference): string {
  return Object.keys(theirs ?? {})
    .map(
      (name) => `${name} ${ours?.[name] ?? 'nothing'} here, ${theirs?.[name] ?? 'nothing'} there`,
    )
    .join('; ')
}
