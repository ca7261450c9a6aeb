import { DAY_MS, formatInstant } from '../../kit/instant.ts'
import type { Evidence } from '../../stripe/disputes.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Billing } from '../billing/service.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Keys } from '../keys/service.ts'
import type { Metering } from '../metering/service.ts'
import type { Payment } from '../payments/payment.ts'
import type { Settings } from '../settings/service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import { draftEvidence } from './draft-evidence.ts'

interface EvidenceDeps {
  readonly billing: Billing
  readonly catalog: Catalog
  readonly keys: Keys
  readonly metering: Metering
  readonly settings: Settings
  readonly subscriptions: Subscriptions
}

/** Writes what the product knows about a payment as evidence. */
export type EvidenceDraft = (payment: Payment, customer: Customer) => Promise<Evidence>

/** Usage up to a month after the payment is what it paid for, or shows that the service went on. */
const LOOK_MS = 31 * DAY_MS

export function createEvidenceDraft(deps: EvidenceDeps): EvidenceDraft {
  const { billing, catalog, keys, metering, settings, subscriptions } = deps

  return async (payment, customer) => {
    const { mode, customerId, invoiceId, amount, createdAt } = payment
    const invoice = invoiceId === null ? undefined : (await billing.get(mode, invoiceId)).invoice
    const subscription =
      invoice === undefined || invoice.subscriptionId === null
        ? undefined
        : await subscriptions.find(mode, invoice.subscriptionId)
    const version = subscription && (await catalog.getVersion(mode, subscription.planVersionId))
    const period = { startsAt: createdAt - LOOK_MS, endsAt: createdAt + LOOK_MS }
    const usage = []
    for (const { key, name } of await catalog.meters(mode)) {
      const asked = { mode, customerId, meterKey: key, period, timeZone: 'UTC' }
      for (const { at, value } of await metering.series({ ...asked, grain: 'day' })) {
        if (value !== '0') usage.push({ meter: name, day: formatInstant(at).slice(0, 10), value })
      }
    }
    const calls = (await keys.list(mode, customerId)).flatMap(({ lastUsedAt }) => lastUsedAt ?? [])
    return draftEvidence({
      productName: (await settings.get(mode, 'portal.name')) ?? 'Farebox',
      planName: version?.definition.name ?? null,
      customerName: customer.name,
      customerEmail: customer.email,
      amount,
      paidAt: createdAt,
      invoiceNumber: invoice?.number ?? null,
      period: invoice === undefined ? null : { startsAt: invoice.startsAt, endsAt: invoice.endsAt },
      subscribedAt: subscription?.startsAt ?? null,
      usage: usage.toSorted((a, b) => a.day.localeCompare(b.day)),
      lastCallAt: calls.length === 0 ? null : Math.max(...calls),
      canceledAt: subscription?.cancelRequestedAt ?? null,
    })
  }
}
