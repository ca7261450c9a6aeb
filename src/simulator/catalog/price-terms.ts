import type { Transaction } from '../store/transaction.ts'
import type {
  PlanCreateParamsTier,
  PriceCreateParamsCurrencyOptions,
  PriceCreateParamsRecurring,
} from '../stripe.generated.ts'
import { invalidRequest } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'
import { toCurrency, toUnitAmount } from './amounts.ts'
import type { PriceDocument } from './documents.ts'

type Tiers = NonNullable<PriceDocument['inner']['tiers']>

/** Three years, Stripe's longest billing interval. */
const MAX_INTERVAL_COUNTS = { day: 1095, week: 156, month: 36, year: 3 }

export function checkRecurring(tx: Transaction, recurring: PriceCreateParamsRecurring): void {
  const count = recurring.interval_count ?? 1
  const max = MAX_INTERVAL_COUNTS[recurring.interval]
  if (count < 1 || count > max) {
    throw invalidRequest({
      code: 'parameter_invalid_integer',
      message: `Billing intervals go up to three years: \`interval_count\` for ${recurring.interval} is 1 to ${max}; got ${count}.`,
      param: 'recurring[interval_count]',
    })
  }
  const isMetered = recurring.usage_type === 'metered'
  if (isMetered && recurring.meter === undefined) {
    throw invalidRequest({
      code: 'parameter_missing',
      message:
        'Metered prices need a meter: create a billing meter and pass its id as `recurring[meter]`.',
      param: 'recurring[meter]',
    })
  }
  if (!isMetered && recurring.meter !== undefined) {
    throw invalidRequest({
      message: 'A meter can only be set when `recurring[usage_type]` is `metered`.',
      param: 'recurring[meter]',
    })
  }
  if (recurring.meter === undefined) return
  const meter = getReferenced(tx, 'billing.meter', recurring.meter, 'recurring[meter]')
  if (meter.status !== 'active') {
    throw invalidRequest({
      message: `The meter '${meter.id}' is inactive; reactivate it before using it in a price.`,
      param: 'recurring[meter]',
    })
  }
}

/** Tiers end where the next begins and the last goes on forever, which Stripe shows as null. */
export function toTiers(given: readonly PlanCreateParamsTier[], path = 'tiers'): Tiers {
  let previous = 0
  const tiers = given.map((tier, index) => {
    const name = `${path}[${index}]`
    const isLast = index === given.length - 1
    if (isLast !== (tier.up_to === 'inf')) {
      throw invalidRequest({
        message: isLast
          ? "The last tier must reach to infinity: set its `up_to` to 'inf'."
          : "Only the last tier can have `up_to` set to 'inf'.",
        param: `${name}[up_to]`,
      })
    }
    if (typeof tier.up_to === 'number') {
      if (tier.up_to <= previous) {
        throw invalidRequest({
          message: 'Each tier must reach further than the one before it.',
          param: `${name}[up_to]`,
        })
      }
      previous = tier.up_to
    }
    const flat = toUnitAmount(
      { unit_amount: tier.flat_amount, unit_amount_decimal: tier.flat_amount_decimal },
      name,
    )
    const unit = toUnitAmount(tier, name)
    if (flat.unit_amount_decimal === null && unit.unit_amount_decimal === null) {
      throw invalidRequest({
        message: 'A tier needs a `unit_amount`, a `flat_amount` or both.',
        param: name,
      })
    }
    return {
      flat_amount: flat.unit_amount,
      flat_amount_decimal: flat.unit_amount_decimal,
      ...unit,
      up_to: tier.up_to === 'inf' ? null : tier.up_to,
    }
  })
  if (tiers.length === 0) {
    throw invalidRequest({ message: 'At least one tier is needed.', param: path })
  }
  return tiers
}

export function toCurrencyOptions(
  given: Readonly<Record<string, PriceCreateParamsCurrencyOptions>>,
): PriceDocument['inner']['currencyOptions'] {
  return Object.fromEntries(
    Object.entries(given).map(([code, option]) => {
      const path = `currency_options[${code}]`
      const custom = option.custom_unit_amount
      return [
        toCurrency(code, 'currency_options'),
        {
          custom_unit_amount:
            custom?.enabled === true
              ? {
                  maximum: custom.maximum ?? null,
                  minimum: custom.minimum ?? null,
                  preset: custom.preset ?? null,
                }
              : null,
          tax_behavior: option.tax_behavior ?? 'unspecified',
          ...(option.tiers === undefined ? {} : { tiers: toTiers(option.tiers, `${path}[tiers]`) }),
          ...toUnitAmount(option, path),
        },
      ]
    }),
  )
}

export interface Terms {
  readonly currency: string
  readonly unitAmountDecimal: string | null
  readonly tiers: Tiers | null
}

/** What a price costs in a currency: its own, or one of its options. Undefined where it is not sold in that currency. */
export function termsIn(price: PriceDocument, currency: string): Terms | undefined {
  if (price.currency === currency) {
    return {
      currency,
      unitAmountDecimal: price.unit_amount_decimal,
      tiers: price.inner.tiers,
    }
  }
  const option = price.inner.currencyOptions[currency]
  if (option === undefined) return undefined
  return { currency, unitAmountDecimal: option.unit_amount_decimal, tiers: option.tiers ?? null }
}
