import { planDefinition } from '../../src/api/contract/plan-definition.ts'
import type { BackOffice } from './back-office.ts'
import type { SoldPlan } from './world.ts'

type SoldCard = SoldPlan['phases'][number]['rateCards'][number]

/** Cards as an operator writes them into the API; `plans.ts` has those of the rules. */
export function fee(amount: string, changes: Partial<SoldCard> = {}): SoldCard {
  return {
    key: 'fee',
    name: 'Fee',
    billingCadence: 'P1M',
    prices: { usd: { type: 'flat', amount } },
    ...changes,
  }
}

type SoldPrice = NonNullable<SoldCard['prices']>[string]

/** A card that prices the feature of the same name. */
export function priced(
  featureKey: string,
  price: SoldPrice,
  changes: Partial<SoldCard> = {},
): SoldCard {
  return {
    key: featureKey,
    name: featureKey,
    featureKey,
    billingCadence: 'P1M',
    prices: { usd: price },
    entitlement: {
      type: 'metered',
      issueAfterReset: '0',
      usagePeriod: 'P1M',
      onLimit: 'bill_overage',
    },
    ...changes,
  }
}

/** A right without a price. */
export function quota(featureKey: string, limit: string | null): SoldCard {
  return {
    key: featureKey,
    name: featureKey,
    featureKey,
    billingCadence: 'P1M',
    entitlement: { type: 'metered', issueAfterReset: limit, usagePeriod: 'P1M', onLimit: 'block' },
  }
}

/** A monthly plan of one phase. */
export function monthly(
  name: string,
  rateCards: SoldCard[],
  changes: Partial<SoldPlan> = {},
): SoldPlan {
  return {
    name,
    currencies: ['usd'],
    billingCadence: 'P1M',
    phases: [{ key: 'main', name: 'Main', duration: null, rateCards }],
    ...changes,
  }
}

/** Publishes a plan as an operator wrote it. */
export async function putOnSale(
  { domain, caller }: BackOffice,
  key: string,
  definition: SoldPlan,
): Promise<void> {
  const parsed = planDefinition.parse(definition)
  await domain.catalog.createPlan(caller, { key, isDefault: false, definition: parsed })
  await domain.publishing.publish(caller, key)
}
