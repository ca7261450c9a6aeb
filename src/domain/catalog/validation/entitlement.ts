import { assertNever } from '../../../kit/assert.ts'
import { decimal, formatDecimal, parseDecimal, ZERO } from '../../../kit/decimal.ts'
import { type Duration, parseDuration } from '../../../kit/period.ts'
import type { Meter } from '../meter.ts'
import type { MeteredEntitlement, Price, RateCard } from '../plan.ts'
import { checkDecimal, checkDuration, checkPositive, type Report } from './report.ts'

const LONGEST_WINDOW_SECONDS = 86_400
const MAX_WINDOWS_PER_CHARGE = 400
const MEAN_MONTH_MS = 30.436875 * 86_400_000
const ADDS_UP: ReadonlySet<Meter['aggregation']> = new Set(['count', 'sum'])

/** A metered entitlement, by itself and against the prices of its card: what is promised must be what is billed. */
export function checkMetered(
  entitlement: MeteredEntitlement,
  card: RateCard,
  meter: Meter | undefined,
  path: string,
  report: Report,
): void {
  const { issueAfterReset, usagePeriod, graceRatio, onLimit, throttle } = entitlement
  if (issueAfterReset !== null) checkDecimal(issueAfterReset, `${path}.issueAfterReset`, report)
  checkDuration(usagePeriod, `${path}.usagePeriod`, report)
  const grace = checkDecimal(graceRatio, `${path}.graceRatio`, report)
  if (grace !== undefined && grace > ZERO && onLimit !== 'block') {
    report(`${path}.graceRatio`, 'Only a limit that blocks can be stretched; set it to 0.')
  }
  if ((onLimit === 'throttle') !== (throttle !== null)) {
    report(`${path}.throttle`, 'Give a throttle exactly when onLimit is "throttle".')
  }
  if (throttle !== null) checkWindow(throttle, `${path}.throttle`, report)
  if (entitlement.preserveOverageAtReset && onLimit === 'bill_overage') {
    report(
      `${path}.preserveOverageAtReset`,
      'Overage that is billed must not be taken off the next window as well.',
    )
  }
  if (entitlement.rollover !== null) checkRollover(entitlement, `${path}.rollover`, report)
  checkLimitMode(entitlement, card, path, report)
  if (onLimit === 'bill_overage') checkAllowance(entitlement, card, meter, path, report)
}

/** Units beyond a limit that nobody is held to would pay for nothing. */
function checkRollover(
  { rollover, issueAfterReset, onLimit }: MeteredEntitlement,
  path: string,
  report: Report,
): void {
  if (rollover === null) return
  if (rollover.maximum !== null) checkPositive(rollover.maximum, `${path}.maximum`, report)
  checkDuration(rollover.validFor, `${path}.validFor`, report)
  if (issueAfterReset === null) report(path, 'Of an unlimited amount nothing is left over.')
  if (onLimit === 'warn' || onLimit === 'throttle') {
    report(path, 'What is left over is used beyond a limit that blocks or is billed.')
  }
}

export function checkWindow(
  { limit, windowSeconds }: { readonly limit: number; readonly windowSeconds: number },
  path: string,
  report: Report,
): void {
  if (!Number.isSafeInteger(limit) || limit < 1) report(`${path}.limit`, 'At least 1.')
  const isFixed = Number.isSafeInteger(windowSeconds) && windowSeconds >= 1
  if (!isFixed || windowSeconds > LONGEST_WINDOW_SECONDS) {
    report(
      `${path}.windowSeconds`,
      'Between 1 second and a day (86400); amounts per month are entitlements, not rate limits.',
    )
  }
}

/** Overage that is billed needs a price, and a limit that only warns must not pretend to have one. */
function checkLimitMode(
  { onLimit, issueAfterReset }: MeteredEntitlement,
  card: RateCard,
  path: string,
  report: Report,
): void {
  const isPriced = pricesOf(card).some(({ type }) => type !== 'flat')
  switch (onLimit) {
    case 'bill_overage':
      if (!isPriced) {
        report(
          `${path}.onLimit`,
          'Overage has no price and would be free: price it, block or warn.',
        )
      } else if (issueAfterReset === null) {
        report(`${path}.issueAfterReset`, 'Unlimited is never billed; 0 bills from the first unit.')
      }
      return
    case 'warn':
      if (isPriced) {
        report(
          `${path}.onLimit`,
          'A limit that only warns never bills: remove the price, or bill overage.',
        )
      }
      return
    case 'block':
    case 'throttle':
      return
    default:
      assertNever(onLimit)
  }
}

/** What is included before overage is billed has to be countable, and the same in the price and in the quota. */
function checkAllowance(
  entitlement: MeteredEntitlement,
  card: RateCard,
  meter: Meter | undefined,
  path: string,
  report: Report,
): void {
  const included = entitlement.issueAfterReset && parseDecimal(entitlement.issueAfterReset)
  if (!included || included < ZERO) return
  for (const price of pricesOf(card)) checkFreeTier(price, formatDecimal(included), path, report)
  if (included === ZERO) return
  if (pricesOf(card).some(({ type }) => type === 'percentage' || type === 'dynamic')) {
    report(`${path}.issueAfterReset`, 'Nothing can be included in a share of amounts; set it to 0.')
  }
  const isAligned =
    entitlement.usagePeriod === card.billingCadence && entitlement.alignment === 'anniversary'
  if (meter !== undefined && !ADDS_UP.has(meter.aggregation) && !isAligned) {
    report(
      `${path}.usagePeriod`,
      `A ${meter.aggregation} meter cannot be split: use the card's own billing cadence.`,
    )
  }
  const window = parseDuration(entitlement.usagePeriod)
  const cadence = card.billingCadence === null ? undefined : parseDuration(card.billingCadence)
  if (window && cadence && lengthMs(cadence) / lengthMs(window) > MAX_WINDOWS_PER_CHARGE) {
    report(`${path}.usagePeriod`, 'Too short: more than 400 windows would go into one charge.')
  }
}

/** The trap this avoids: a plan that says 1,000 are included while its price is free up to 155,000. */
function checkFreeTier(price: Price, included: string, path: string, report: Report): void {
  if (price.type !== 'tiered') return
  const { upToAmount = null, unitPrice = null } = price.tiers[0] ?? {}
  const isFree = unitPrice === null || parseDecimal(unitPrice) === ZERO
  const bound = upToAmount === null ? undefined : parseDecimal(upToAmount)
  if (!isFree || bound === undefined) return
  if (price.mode === 'volume') {
    report(
      `${path}.issueAfterReset`,
      'A free first tier of a volume price is charged after all once it is left; use graduated.',
    )
  } else if (bound !== decimal(included)) {
    report(
      `${path}.issueAfterReset`,
      `The price is free up to ${upToAmount}, the entitlement includes ${included}: make them equal.`,
    )
  }
}

function pricesOf({ prices }: RateCard): Price[] {
  return Object.values(prices ?? {})
}

function lengthMs(length: Duration): number {
  return 'ms' in length ? length.ms : length.months * MEAN_MONTH_MS
}
