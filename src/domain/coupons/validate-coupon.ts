import { chargeIncrementMinor } from '../../kit/currency.ts'
import { decimal, parseDecimal, ZERO } from '../../kit/decimal.ts'
import { parseMajor } from '../../kit/money.ts'
import type { FieldError } from '../../errors.ts'
import type { CouponDefinition } from './coupon.ts'

const HUNDRED_PERCENT = decimal('100')
/** Stripe keeps percentages to two decimals. */
const PERCENT_STEP = decimal('0.01')
const MAX_MONTHS = 120

/** Every problem of a coupon at once. `plans` are those on sale, with the keys of their rate cards. */
export function validateCoupon(
  definition: CouponDefinition,
  plans: ReadonlyMap<string, ReadonlySet<string>>,
): FieldError[] {
  return [
    ...offProblems(definition),
    ...durationProblems(definition),
    ...limitProblems(definition),
    ...targetProblems(definition, plans),
  ]
}

function offProblems({ off }: CouponDefinition): FieldError[] {
  if (off.type === 'percentage') {
    const percent = parseDecimal(off.percent)
    const isGood =
      percent !== undefined &&
      percent > ZERO &&
      percent <= HUNDRED_PERCENT &&
      percent % PERCENT_STEP === 0n
    const message = 'must be more than 0 and at most 100, with at most two decimals'
    return isGood ? [] : [{ path: 'off.percent', message }]
  }
  const amounts = Object.entries(off.amounts)
  if (amounts.length === 0) {
    return [{ path: 'off.amounts', message: 'needs an amount in at least one currency' }]
  }
  return amounts.flatMap(([currency, text]) => {
    const amount = parseMajor(text, currency)
    const isGood =
      amount !== undefined &&
      amount.amountMinor > 0n &&
      amount.amountMinor % chargeIncrementMinor(currency) === 0n
    const message = `must be an amount in ${currency} that can be charged, more than zero`
    return isGood ? [] : [{ path: `off.amounts.${currency}`, message }]
  })
}

function durationProblems({ duration }: CouponDefinition): FieldError[] {
  if (duration.type !== 'repeating') return []
  const isGood = Number.isInteger(duration.months) && duration.months > 0
  return isGood && duration.months <= MAX_MONTHS
    ? []
    : [{ path: 'duration.months', message: `must be a whole number from 1 to ${MAX_MONTHS}` }]
}

function limitProblems({ maxRedemptions }: CouponDefinition): FieldError[] {
  return maxRedemptions === null || (Number.isInteger(maxRedemptions) && maxRedemptions > 0)
    ? []
    : [{ path: 'maxRedemptions', message: 'must be a whole number of at least 1, or null' }]
}

function targetProblems(
  { planKeys, rateCardKeys }: CouponDefinition,
  plans: ReadonlyMap<string, ReadonlySet<string>>,
): FieldError[] {
  const unknownPlans = (planKeys ?? []).flatMap((key, i) =>
    plans.has(key) ? [] : [{ path: `planKeys.${i}`, message: `no plan ${key} is on sale` }],
  )
  const concerned = [...plans].filter(([key]) => planKeys?.includes(key) ?? true)
  const cards = new Set(concerned.flatMap(([, keys]) => [...keys]))
  const unknownCards = (rateCardKeys ?? []).flatMap((key, i) =>
    cards.has(key)
      ? []
      : [{ path: `rateCardKeys.${i}`, message: `none of its plans has a rate card ${key}` }],
  )
  const empty = [
    ...(planKeys?.length === 0 ? ['planKeys'] : []),
    ...(rateCardKeys?.length === 0 ? ['rateCardKeys'] : []),
  ].map((path) => ({ path, message: 'names nothing; leave it null for everything' }))
  return [...unknownPlans, ...unknownCards, ...empty]
}
