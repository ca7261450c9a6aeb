import { add, type Decimal, maxDecimal, minDecimal, subtract, ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Period } from '../../kit/period.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Customer } from '../accounts/customer.ts'
import type { CreditRule } from '../credits/spending/credit-terms.ts'
import type { CreditSpending } from '../credits/spending/service.ts'
import { type Grants, windowAt } from '../entitlements/grants.ts'
import type { Metering } from '../metering/service.ts'
import { entriesOf, type Entry, type Holder, type Placed } from './booking.ts'
import type { Subscription } from '../subscriptions/subscription.ts'

/** Usage that was counted, of somebody whose credits may pay for it. */
interface CountedUsage {
  readonly customer: Customer
  readonly subscription: Subscription
  readonly grants: Grants
  readonly meterKey: string
  readonly at: Instant
  readonly bucketAt: Instant
  readonly units: Decimal
}

interface CreditBurnsDeps {
  readonly creditSpending: Pick<CreditSpending, 'burnIn' | 'burns' | 'unburnIn'>
  readonly metering: Metering
}

/**
 * Credits for usage that was not asked about before it happened: what the plan does not include is paid as far as
 * credits reach, in the same order as in the gateway. What they do not reach for is billed, or stays unpaid.
 */
export function createCreditBurns({ creditSpending, metering }: CreditBurnsDeps) {
  /** How many units a window has, and how many of those credits have paid. */
  async function usedIn(
    tx: Db,
    { mode, id }: Subscription,
    { featureKey, meterKey }: Pick<CreditRule, 'featureKey' | 'meterKey'>,
    period: Period,
  ): Promise<{ total: Decimal; paid: Decimal }> {
    const total = await metering.total(mode, id, meterKey, period, tx)
    const burns = await creditSpending.burns(mode, id, period, tx)
    const paid = burns
      .filter((burn) => burn.featureKey === featureKey)
      .reduce((sum, burn) => add(sum, burn.units), ZERO)
    return { total, paid }
  }

  /** How many units are beyond what the plan includes and credits have paid. */
  async function beyond(tx: Db, usage: CountedUsage, rule: CreditRule): Promise<Decimal> {
    const { subscription, grants, at, units } = usage
    const quotas = quotasOf(grants, rule)
    if (quotas.length === 0) return units
    let most = ZERO
    for (const { limit, window } of quotas) {
      if (limit === null) continue
      const { total, paid } = await usedIn(tx, subscription, rule, windowAt(window, at))
      most = maxDecimal(most, subtract(subtract(total, paid), limit))
    }
    return minDecimal(most, units)
  }

  /**
   * What was paid of a time and is not needed any more, now that so many units less were used: what no credits paid is
   * taken off first, as if the units had never been there. Without a quota every hour stands for itself.
   */
  async function noLongerNeeded(
    tx: Db,
    usage: CountedUsage,
    rule: CreditRule,
  ): Promise<{ units: Decimal; period: Period }> {
    const { subscription, grants, at, bucketAt } = usage
    const windows = quotasOf(grants, rule).flatMap(({ limit, window }) =>
      limit === null ? [] : [{ limit, period: windowAt(window, at) }],
    )
    const bounds =
      windows.length > 0
        ? windows
        : [{ limit: ZERO, period: { startsAt: bucketAt, endsAt: bucketAt + 1 } }]
    let { units } = usage
    for (const { limit, period } of bounds) {
      const { total, paid } = await usedIn(tx, subscription, rule, period)
      const needed = maxDecimal(ZERO, subtract(total, limit))
      units = minDecimal(units, maxDecimal(ZERO, subtract(paid, needed)))
    }
    const startsAt = Math.max(...bounds.map(({ period }) => period.startsAt))
    const endsAt = Math.min(...bounds.map(({ period }) => period.endsAt))
    return { units, period: { startsAt, endsAt } }
  }

  return {
    /** Whose credits may pay for the events. */
    payers: (placed: readonly Placed[]): string[] =>
      usagesOf(placed).map(({ customer }) => customer.id),

    /** After it was taken out of the sums. The customer is locked. */
    async giveBack(
      tx: Db,
      customer: Customer,
      at: Instant,
      entries: readonly (Entry & { readonly holder: Holder })[],
    ): Promise<void> {
      for (const { reading, value, isSummed, holder } of entries) {
        const { subscription, grants } = holder
        if (grants === null || !isSummed || value <= ZERO) continue
        const { meterKey, bucketAt } = reading
        const usage = { customer, subscription, grants, meterKey, at, bucketAt, units: value }
        for (const rule of grants.credits.filter((each) => each.meterKey === meterKey)) {
          const { units, period } = await noLongerNeeded(tx, usage, rule)
          const of = { subscriptionId: subscription.id, credit: rule, period }
          await creditSpending.unburnIn(tx, customer, of, units)
        }
      }
    },

    /** After all of it was counted. The customers are locked. */
    async burn(tx: Db, counted: readonly Placed[]): Promise<void> {
      // The last usage is what goes beyond.
      for (const usage of usagesOf(counted).toSorted((a, b) => b.at - a.at)) {
        const { customer, subscription, bucketAt, rule } = usage
        const { featureKey, rates } = rule
        const credit = { customerId: customer.id, featureKey, rates }
        const of = {
          mode: customer.mode,
          subscriptionId: subscription.id,
          credit,
          at: bucketAt,
        }
        await creditSpending.burnIn(tx, customer, of, await beyond(tx, usage, rule))
      }
    },
  }
}

function quotasOf({ quotas }: Grants, { featureKey }: CreditRule): Grants['quotas'] {
  return quotas.filter((quota) => quota.featureKey === featureKey)
}

/** What credits may pay of the events: of what is summed, because the rest is only known once the period is over. */
function usagesOf(placed: readonly Placed[]): (CountedUsage & { readonly rule: CreditRule })[] {
  return placed.flatMap((entry) => {
    const { customer, subscription, grants, creditUnits } = entry.holder
    if (grants === null) return []
    return entriesOf(customer.mode, entry).flatMap(({ reading, value, isSummed }) => {
      const { meterKey, bucketAt } = reading
      const rule = grants.credits.find(
        (each) =>
          each.meterKey === meterKey && each.rates.some(({ unit }) => creditUnits.has(unit)),
      )
      if (rule === undefined || !isSummed || value <= ZERO) return []
      const of = { customer, subscription, grants, meterKey, bucketAt }
      return [{ ...of, at: entry.at, units: value, rule }]
    })
  })
}
