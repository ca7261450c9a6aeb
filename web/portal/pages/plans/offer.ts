import { durationWords } from '../../../ui/pricing/duration-words.ts'
import type { OfferedPlan } from './present-plan.ts'

/** What of the price list is shown: one way of paying and one currency at a time. */
export interface Offer {
  readonly plans: readonly OfferedPlan[]
  readonly intervals: readonly { readonly value: string; readonly label: string }[]
  readonly interval: string
  readonly currencies: readonly string[]
  readonly currency: string
}

const ADVERBS: Readonly<Record<string, string>> = {
  P1D: 'Daily',
  P1W: 'Weekly',
  P1M: 'Monthly',
  P1Y: 'Yearly',
}

interface Wish {
  readonly interval?: string | undefined
  readonly currency?: string | undefined
}

/** `bound` is the currency of whoever has had an invoice: nothing can be bought in another one. */
export function chooseOffer(
  plans: readonly OfferedPlan[],
  wish: Wish,
  bound: string | null = null,
): Offer {
  const sold = distinct(plans.flatMap(({ definition }) => definition.currencies))
  const currencies = bound === null ? sold : [bound]
  const currency = currencies.find((code) => code === wish.currency) ?? currencies[0] ?? 'usd'
  const cadences = distinct(plans.filter(isPaid).map(({ definition }) => definition.billingCadence))
  const interval = cadences.find((cadence) => cadence === wish.interval) ?? cadences[0] ?? 'P1M'
  return {
    plans: plans.filter(
      (plan) =>
        plan.definition.currencies.includes(currency) &&
        // What costs nothing is paid neither by the month nor by the year.
        (!isPaid(plan) || plan.definition.billingCadence === interval),
    ),
    intervals: cadences.map((value) => ({
      value,
      label: ADVERBS[value] ?? `Every ${durationWords(value)}`,
    })),
    interval,
    currencies,
    currency,
  }
}

function isPaid({ definition }: OfferedPlan): boolean {
  return definition.phases.some(({ rateCards }) => rateCards.some(({ prices }) => prices !== null))
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)]
}
