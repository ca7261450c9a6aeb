import type { Currency } from '../kit/currency.ts'
import { formatInstant } from '../kit/instant.ts'
import type { ChangePreview } from '../domain/billing/change/previews.service.ts'
import type { ChangeInvoice } from '../domain/billing/change/change-invoice.ts'
import type { ChangeNotice } from '../domain/billing/change/change-quote.ts'
import type { Caller } from '../domain/audit/caller.ts'
import type { PlanVersion } from '../domain/catalog/plan.ts'
import type { OverriddenNames } from '../domain/subscriptions/overrides.ts'
import type { PlanChange } from '../domain/subscriptions/changes/plan-change.ts'
import type { Services } from './services.ts'
import { changeKindToApi, iso, moneyToApi, subscriptionToApi } from './to-api.ts'

/** Changes of plan as the contract shows them, to customers and to operators alike. */

export async function previewToApi(
  { catalog }: Services,
  { mode }: Caller,
  { change, offer, payment, from, to }: ChangePreview,
) {
  const { quote, invoice } = offer
  const features = await catalog.features(mode)
  const nameOf = (key: string) => features.get(key)?.name ?? key
  const money = (amountMinor: bigint) => moneyToApi(amountMinor, quote.currency)
  const { nextInvoice } = quote
  return {
    quoteId: change.id,
    expiresAt: formatInstant(change.expiresAt),
    way: change.way === 'checkout' ? ('checkout' as const) : ('in_place' as const),
    kind: changeKindToApi(change),
    direction: quote.direction,
    timing: quote.timing,
    effectiveAt: formatInstant(quote.effectiveAt),
    from: planToApi(from),
    to: planToApi(to),
    period: {
      startsAt: formatInstant(quote.after.period.startsAt),
      endsAt: formatInstant(quote.after.period.endsAt),
    },
    invoice: invoice && previewInvoiceToApi(invoice, quote.currency),
    payment: {
      kind: payment.kind,
      amount: money(payment.kind === 'none' ? 0n : payment.amountMinor),
    },
    nextInvoice: nextInvoice && {
      at: formatInstant(nextInvoice.at),
      fees: money(nextInvoice.feesMinor),
      amountDue: money(nextInvoice.amountDueMinor),
    },
    quotas: quote.quotas.map((quota) => ({
      featureKey: quota.featureKey,
      featureName: nameOf(quota.featureKey),
      limitBefore: quota.limitBefore,
      limitAfter: quota.limitAfter,
      usedAfter: quota.usedAfter,
      remainingAfter: quota.remainingAfter,
      resetsAt: iso(quota.resetsAt),
    })),
    addOns: [...quote.addOns],
    notices: quote.notices.map((notice) => ({
      kind: notice.kind,
      message: noticeText(notice, nameOf),
    })),
  }
}

/** An invoice that is not made yet. */
export function previewInvoiceToApi(invoice: ChangeInvoice, currency: Currency) {
  const money = (amountMinor: bigint) => moneyToApi(amountMinor, currency)
  return {
    lines: invoice.lines.map(({ description, amountMinor, isProration, startsAt, endsAt }) => ({
      description,
      amount: money(amountMinor),
      isProration,
      startsAt: formatInstant(startsAt),
      endsAt: formatInstant(endsAt),
    })),
    subtotal: money(invoice.subtotalMinor),
    discount: money(invoice.discountMinor),
    tax: money(invoice.taxMinor),
    total: money(invoice.totalMinor),
    balanceApplied: money(invoice.balanceMinor),
    amountDue: money(invoice.amountDueMinor),
  }
}

/** `urls` are where a payment page sends the customer back to, with `{intent}` for the purchase. */
export async function resultToApi(
  services: Services,
  caller: Caller,
  change: PlanChange,
  urls: {
    readonly successUrl: string
    readonly cancelUrl: string
    readonly promotionCode?: string | undefined
  },
) {
  const { catalog, subscriptions } = services
  if (change.way === 'checkout') {
    const { planKey } = await catalog.getVersion(caller.mode, change.targetVersionId)
    const { customerId } = change
    const result = await subscriptions.subscribe(caller, { customerId, planKey, ...urls })
    return result.kind === 'checkout'
      ? result
      : {
          kind: 'applied' as const,
          subscription: await subscriptionToApi(services, result.subscription),
        }
  }
  const current = await subscriptions.get(caller.mode, change.subscriptionId)
  const subscription = await subscriptionToApi(services, current)
  switch (change.state) {
    case 'scheduled':
    case 'executing':
      return { kind: change.state, subscription }
    case 'awaiting_payment':
      return { kind: change.state, subscription, paymentUrl: change.paymentUrl }
    default:
      return { kind: 'applied' as const, subscription }
  }
}

function planToApi({ planKey, version, definition }: PlanVersion) {
  return { planKey, planName: definition.name, planVersion: version }
}

function noticeText(notice: ChangeNotice, nameOf: (featureKey: string) => string): string {
  const agreedNames = ({ rateCardKeys, featureKeys, rateLimits }: OverriddenNames) =>
    [
      ...rateCardKeys.map((key) => `price of ${key}`),
      ...featureKeys.map(nameOf),
      ...rateLimits.map((name) => `rate limit ${name}`),
    ].join(', ')
  const names = (keys: readonly string[]) => keys.map(nameOf).join(', ')
  switch (notice.kind) {
    case 'add_ons_ended':
      return `Ends with the change, because the other plan does not go with it: ${notice.names.join(', ')}.`
    case 'tiers_restart':
      return `The tiers of ${notice.rateCardKeys.join(', ')} begin again with the change.`
    case 'period_restarts':
      return `A new billing period begins with the change and ends on ${formatInstant(notice.period.endsAt).slice(0, 10)}.`
    case 'features_lost':
      return `No longer included: ${names(notice.featureKeys)}.`
    case 'features_gained':
      return `Newly included: ${names(notice.featureKeys)}.`
    case 'quota_used_up':
      return `More is used already than the new plan allows: ${names(notice.featureKeys)}. Calls are refused until the quota resets.`
    case 'overrides_dropped':
      return `What was agreed for the old plan alone ends with it: ${agreedNames(notice)}.`
    case 'overrides_kept':
      return `What was agreed stays agreed: ${agreedNames(notice)}.`
  }
}
