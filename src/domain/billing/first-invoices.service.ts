import type { Currency } from '../../kit/currency.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Customer } from '../accounts/customer.ts'
import { isFreePhase, type PlanVersion } from '../catalog/plan.ts'
import type { Connections } from '../connections/service.ts'
import type { StripeCustomers } from '../connections/stripe-customers.service.ts'
import type { Coupon } from '../coupons/coupon.ts'
import { appliedCoupon } from '../coupons/in-force.ts'
import type { Coupons } from '../coupons/service.ts'
import { trialEnd } from '../subscriptions/decide-subscribe.ts'
import { openingPhase } from '../subscriptions/lifecycle.service.ts'
import type { StripePrices } from '../subscriptions/stripe-prices.service.ts'
import type { Trials } from '../trials/service.ts'
import { type ChangeInvoice, invoiceOfLines, invoiceOfStripe } from './change/change-invoice.ts'
import { firstCalendarPeriod } from './billing-rule.ts'
import { rateLines } from './rate-invoice.ts'
import { billingPeriodAt, termsOfPurchase } from './terms.ts'

export interface Purchase {
  readonly customer: Customer
  readonly version: PlanVersion
  readonly currency: Currency
  readonly coupon: Coupon | null
  readonly at: Instant
}

interface FirstInvoicesDeps {
  readonly connections: Connections
  readonly coupons: Coupons
  readonly stripeCustomers: StripeCustomers
  readonly stripePrices: StripePrices
  readonly trials: Trials
}

export type FirstInvoices = ReturnType<typeof createFirstInvoices>

/** What buying a plan is invoiced at once, before it is bought. Null where that is nothing. */
export function createFirstInvoices(deps: FirstInvoicesDeps) {
  const { connections, coupons, stripeCustomers, stripePrices, trials } = deps

  /** How Stripe rounds a percentage over its lines only Stripe knows to the cent. */
  async function inStripe(purchase: Purchase, coupon: Coupon): Promise<ChangeInvoice | null> {
    const { customer, version, currency, at } = purchase
    const { definition } = version
    const phase = definition.phases.find((candidate) => !isFreePhase(candidate))
    if (phase === undefined) return null
    const connected = await connections.stripe(customer.mode)
    const prices = await stripePrices.of(connected.scope, { version, phase }, currency)
    const isSetup = definition.checkoutMode === 'setup'
    const trialEndsAt = (await hasTrial(customer)) ? trialEnd(definition.phases, at) : null
    const invoice = await connected.api.subscriptions.previewStart({
      stripeCustomerId: await stripeCustomers.ensure(connected, customer),
      currency,
      items: prices
        .filter(({ isOnce }) => !isOnce)
        .map(({ priceId, isMetered }) => ({ priceId, quantity: isMetered ? null : 1 })),
      oneTimePriceIds: isSetup
        ? []
        : prices.filter(({ isOnce }) => isOnce).map(({ priceId }) => priceId),
      trialEndsAt,
      calendarStart: trialEndsAt === null ? firstCalendarPeriod(definition, at) : null,
      couponId: await coupons.stripeId(connected, coupon.key),
    })
    return invoiceOfStripe(invoice)
  }

  /** A customer has one. */
  async function hasTrial({ mode, id }: Customer): Promise<boolean> {
    return (await trials.find(mode, id)) === undefined
  }

  return {
    async of(purchase: Purchase): Promise<ChangeInvoice | null> {
      const { customer, version, currency, coupon, at } = purchase
      if (coupon !== null && version.definition.engine === 'stripe_subscription') {
        return inStripe(purchase, coupon)
      }
      const phaseKey = openingPhase(version, await hasTrial(customer))
      const terms = termsOfPurchase(version, at, customer.timeZone, phaseKey)
      const lines = rateLines({
        currency,
        terms,
        closing: null,
        opening: billingPeriodAt(terms, at) ?? null,
        // Nothing was used yet.
        meters: new Map(),
        usage: new Map(),
        coverage: [],
        lateUsage: [],
        coupons: coupon === null ? [] : appliedCoupon(coupon, null, currency),
      })
      return invoiceOfLines(lines)
    },
  }
}
