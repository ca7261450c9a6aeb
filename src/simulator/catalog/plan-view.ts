import { isDeepStrictEqual } from 'node:util'
import type { Transaction } from '../store/transaction.ts'
import type { Plan } from '../stripe.generated.ts'
import type { PriceDocument } from './documents.ts'

/** A recurring price as the older `plan` object, which subscription items still show. */
export function toPlan(price: PriceDocument): Plan {
  const { recurring } = price
  if (recurring === null) throw new Error(`${price.id} is not recurring and has no plan`)
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: recurring.interval,
    interval_count: recurring.interval_count,
    livemode: price.livemode,
    metadata: price.metadata,
    meter: recurring.meter,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: price.tiers_mode,
    transform_usage: price.transform_quantity,
    trial_period_days: recurring.trial_period_days,
    usage_type: recurring.usage_type,
  }
}

/** A change to a recurring price is told twice: of the price, and of the plan it also is. */
export function tellPlanUpdate(tx: Transaction, before: PriceDocument, after: PriceDocument): void {
  if (before.recurring === null) return
  const [previous, object] = [toPlan(before), toPlan(after)]
  if (isDeepStrictEqual(previous, object)) return
  tx.emit('plan.updated', 'price', after.id, { object, previous })
}
