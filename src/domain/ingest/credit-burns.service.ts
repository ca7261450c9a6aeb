import { add, type Decimal, maxDecimal, minDecimal, subtract, ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import type { CreditRule } from '../credits/spending/credit-terms.ts'
import type { CreditSpending } from '../credits/spending/service.ts'
import { type Grants, windowAt } from '../entitlements/grants.ts'
import type { Metering } from '../metering/service.ts'
import { entriesOf, type Placed } from './booking.ts'
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
  readonly accounts: Accounts
  readonly creditSpending: Pick<CreditSpending, 'burnIn' | 'burns'>
  readonly metering: Metering
}

/**
 * Credits for usage that was not asked about before it happened: what the plan does not include is paid as far as
 * credits reach, in the same order as in the gateway. What they do not reach for is billed, or stays unpaid.
 */
export function createCreditBurns({ accounts, creditSpending, metering }: CreditBurnsDeps) {
  /** How many units a window has beyond what the plan includes and credits have paid. */
  async function beyond(tx: Db, usage: CountedUsage, rule: CreditRule): Promise<Decimal> {
    const { subscription, grants, at, units } = usage
    const { mode, id } = subscription
    const quotas = grants.quotas.filter(({ featureKey }) => featureKey === rule.featureKey)
    if (quotas.length === 0) return units
    let most = ZERO
    for (const { limit, meterKey, window: windowRule } of quotas) {
      if (limit === null) continue
      const window = windowAt(windowRule, at)
      const total = await metering.total(mode, id, meterKey, window, tx)
      const burns = await creditSpending.burns(mode, id, window, tx)
      const paid = burns
        .filter(({ featureKey }) => featureKey === rule.featureKey)
        .reduce((sum, burn) => add(sum, burn.units), ZERO)
      most = maxDecimal(most, subtract(subtract(total, paid), limit))
    }
    return minDecimal(most, units)
  }

  return {
    /** Before anything else is locked; in one order, so that two batches wait for each other. */
    async lock(tx: Db, placed: readonly Placed[]): Promise<void> {
      const customers = new Map(
        usagesOf(placed).map(({ customer }) => [customer.id, customer.mode]),
      )
      for (const [id, mode] of [...customers].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        await accounts.lock(tx, mode, id)
      }
    },

    /** After all of it was counted. The customers are locked. */
    async burn(tx: Db, counted: readonly Placed[]): Promise<void> {
      // The last usage is what goes beyond.
      for (const usage of usagesOf(counted).toSorted((a, b) => b.at - a.at)) {
        const { customer, subscription, bucketAt } = usage
        const rule = ruleOf(usage)
        if (rule === undefined) continue
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

function ruleOf({ grants, meterKey }: CountedUsage): CreditRule | undefined {
  return grants.credits.find((rule) => rule.meterKey === meterKey)
}

/** What credits may pay of the events: of what is summed, because the rest is only known once the period is over. */
function usagesOf(placed: readonly Placed[]): CountedUsage[] {
  return placed
    .flatMap((entry) => {
      const { customer, subscription, grants } = entry.holder
      if (grants === null || grants.credits.length === 0) return []
      return entriesOf(customer.mode, entry)
        .filter(({ isSummed }) => isSummed)
        .map(({ reading: { meterKey, bucketAt }, value }) => ({
          customer,
          subscription,
          grants,
          meterKey,
          at: entry.at,
          bucketAt,
          units: value,
        }))
    })
    .filter((usage) => usage.units > ZERO && ruleOf(usage) !== undefined)
}
