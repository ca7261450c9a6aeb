import { notFound } from '../errors.ts'
import { formatInstant, type Instant } from '../kit/instant.ts'
import type { Mode } from '../kit/mode.ts'
import type { Customer } from '../domain/accounts/customer.ts'
import { explainLine } from '../domain/billing/explain-line.ts'
import type { AuditEntry } from '../domain/audit/entry.ts'
import type { Derivation } from '../domain/billing/derivation.ts'
import type { Invoice, StoredLine } from '../domain/billing/invoice.ts'
import type { PlanVersion } from '../domain/catalog/plan.ts'
import type { QuotaUsage } from '../domain/entitlements/quota-usage.service.ts'
import type { Notification } from '../domain/notifications/notification.ts'
import type { ApiKey } from '../domain/keys/api-key.ts'
import type { RecordedAttempt, Payment } from '../domain/payments/payment.ts'
import { addOnsAfter, type PlanChange } from '../domain/subscriptions/changes/plan-change.ts'
import type { Happening } from '../domain/timeline/happening.ts'
import type { InboxEvent } from '../domain/webhooks/inbox-event.ts'
import { lifecycleAt, type Subscription } from '../domain/subscriptions/subscription.ts'
import { addOnsToApi } from './add-ons.ts'
import { agreedTerms } from './overrides.ts'
import type { Services } from './services.ts'

/** Domain values as the contract wants them: instants as ISO text, money as numbers, nothing internal. */

/** For what has an effect but nothing to say. */
export const DONE = { ok: true } as const

export function iso(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at)
}

/** Amounts beyond 2^53 minor units would lose cents as JSON numbers; nobody owes ninety trillion dollars. */
export function moneyToApi(amountMinor: bigint, currency: string) {
  const amount = Number(amountMinor)
  if (!Number.isSafeInteger(amount)) throw new RangeError('The amount is too large for JSON')
  return { amountMinor: amount, currency }
}

export function keyToApi(key: ApiKey) {
  return {
    ...key,
    expiresAt: iso(key.expiresAt),
    lastUsedAt: iso(key.lastUsedAt),
    createdAt: formatInstant(key.createdAt),
    revokedAt: iso(key.revokedAt),
  }
}

export function planVersionToApi(version: PlanVersion) {
  return {
    ...version,
    // The domain's arrays are read-only, the contract's are not; the shapes are the same.
    definition: version.definition as never,
    effectiveFrom: iso(version.effectiveFrom),
    effectiveTo: iso(version.effectiveTo),
    publishedAt: iso(version.publishedAt),
    createdAt: formatInstant(version.createdAt),
  }
}

export function customerToApi(customer: Customer) {
  return {
    ...customer,
    metadata: { ...customer.metadata },
    suspensions: customer.suspensions.map(({ reason, note, suspendedAt }) => ({
      reason,
      note,
      suspendedAt: formatInstant(suspendedAt),
    })),
    createdAt: formatInstant(customer.createdAt),
    closedAt: iso(customer.closedAt),
  }
}

export function quotaToApi(quota: QuotaUsage) {
  return {
    ...quota,
    startsAt: formatInstant(quota.startsAt),
    resetsAt: formatInstant(quota.resetsAt),
  }
}

export function instantIn(text: string | null): Instant | null {
  return text === null ? null : Date.parse(text)
}

/** A subscription with its plan's name and its lifecycle at the customer's time. */
export async function subscriptionToApi(services: Services, subscription: Subscription) {
  const { accounts, catalog, changes } = services
  const { mode } = subscription
  const [customer, version, change] = await Promise.all([
    accounts.get(mode, subscription.customerId),
    catalog.getVersion(mode, subscription.planVersionId),
    changes.findOpen(mode, subscription.id),
  ])
  const { accessOverride, currentPeriod } = subscription
  return {
    ...subscription,
    planName: version.definition.name,
    planVersion: version.version,
    lifecycle: lifecycleAt(subscription, accounts.now(customer)),
    overdueSince: iso(subscription.overdueSince),
    startsAt: formatInstant(subscription.startsAt),
    trialEndsAt: iso(subscription.trialEndsAt),
    pausedAt: iso(subscription.pausedAt),
    resumesAt: iso(subscription.resumesAt),
    mayPause: version.definition.customersMayPause,
    cancelAt: iso(subscription.cancelAt),
    endsAt: iso(subscription.endsAt),
    currentPeriod: currentPeriod && {
      startsAt: formatInstant(currentPeriod.startsAt),
      endsAt: formatInstant(currentPeriod.endsAt),
    },
    addOns: await addOnsToApi(services, mode, subscription.addOns),
    change:
      change === undefined
        ? null
        : {
            ...changeToApi(
              change,
              await catalog.getVersion(mode, change.targetVersionId),
              subscription.currency,
            ),
            addOns: await addOnsToApi(services, mode, addOnsAfter(change, subscription)),
          },
    agreed: await agreedTerms(services, subscription, version),
    accessOverride:
      accessOverride?.kind === 'allow_until'
        ? { ...accessOverride, until: formatInstant(accessOverride.until) }
        : accessOverride,
    createdAt: formatInstant(subscription.createdAt),
  }
}

export function changeKindToApi({
  startsBy,
}: Pick<PlanChange, 'startsBy'>): 'plan' | 'add_ons' | 'terms' {
  if (startsBy === null) return 'add_ons'
  return startsBy === 'override' ? 'terms' : 'plan'
}

function changeToApi(change: PlanChange, target: PlanVersion, currency: string) {
  const isPayable = change.state === 'awaiting_payment'
  return {
    state: change.state as 'executing' | 'awaiting_payment' | 'scheduled',
    kind: changeKindToApi(change),
    planKey: target.planKey,
    planName: target.definition.name,
    planVersion: target.version,
    effectiveAt: formatInstant(change.effectiveAt),
    payment: isPayable
      ? {
          amountDue: moneyToApi(BigInt(change.quote.amountDue), currency),
          url: change.paymentUrl,
          expiresAt: formatInstant(change.expiresAt),
        }
      : null,
  }
}

export function invoiceToApi(invoice: Invoice) {
  const { currency } = invoice
  return {
    ...invoice,
    subtotal: moneyToApi(invoice.subtotalMinor, currency),
    discount: moneyToApi(invoice.discountMinor, currency),
    tax: moneyToApi(invoice.taxMinor, currency),
    total: moneyToApi(invoice.totalMinor, currency),
    amountDue: moneyToApi(invoice.amountDueMinor, currency),
    amountPaid: moneyToApi(invoice.amountPaidMinor, currency),
    startsAt: formatInstant(invoice.startsAt),
    endsAt: formatInstant(invoice.endsAt),
    issuedAt: iso(invoice.issuedAt),
    dueAt: iso(invoice.dueAt),
    paidAt: iso(invoice.paidAt),
    nextAttemptAt: iso(invoice.nextAttemptAt),
    createdAt: formatInstant(invoice.createdAt),
  }
}

export async function invoiceWithLinesToApi(
  { settings }: Pick<Services, 'settings'>,
  invoice: Invoice,
  lines: readonly StoredLine[],
) {
  const { mode } = invoice
  return {
    ...invoiceToApi(invoice),
    outside: invoice.isOffline
      ? {
          issuer: await settings.get(mode, 'invoices.issuer'),
          instructions: await settings.get(mode, 'invoices.payment_instructions'),
        }
      : null,
    lines: lines.map((line) => ({
      id: line.id,
      rateCardKey: line.rateCardKey,
      description: line.description,
      quantity: line.quantity,
      amount: moneyToApi(line.amountMinor, invoice.currency),
      isProration: line.isProration,
      startsAt: formatInstant(line.startsAt),
      endsAt: formatInstant(line.endsAt),
      explanation: line.derivation === null ? [] : explainLine(line.derivation as Derivation),
    })),
  }
}

export function paymentToApi(payment: Payment) {
  const { currency, amountMinor } = payment.amount
  return {
    ...payment,
    amount: moneyToApi(amountMinor, currency),
    refunded: moneyToApi(payment.refundedMinor, currency),
    createdAt: formatInstant(payment.createdAt),
  }
}

/** Usage of one meter of a customer, with its total. */
export async function usageToApi(
  { catalog, metering, accounts }: Services,
  mode: Mode,
  customerId: string,
  query: { meter: string; from: string; to: string; grain: 'hour' | 'day' | 'month' },
) {
  const customer = await accounts.get(mode, customerId)
  const meter = (await catalog.meters(mode)).find(({ key }) => key === query.meter)
  if (meter === undefined) throw notFound('meter')
  const period = { startsAt: Date.parse(query.from), endsAt: Date.parse(query.to) }
  const asked = { mode, customerId, meterKey: meter.key, period, timeZone: customer.timeZone }
  const points = await metering.series({ ...asked, grain: query.grain })
  return {
    meterKey: meter.key,
    unit: meter.unit,
    grain: query.grain,
    timeZone: customer.timeZone,
    total: await metering.customerTotal(mode, customerId, meter.key, period),
    points: points.map(({ at, value }) => ({ at: formatInstant(at), value })),
  }
}

export function attemptToApi(attempt: RecordedAttempt) {
  return {
    ...attempt,
    amount: moneyToApi(attempt.amount.amountMinor, attempt.amount.currency),
    attemptedAt: formatInstant(attempt.attemptedAt),
  }
}

export function auditEntryToApi(entry: AuditEntry) {
  return { ...entry, at: formatInstant(entry.at), happenedAt: formatInstant(entry.happenedAt) }
}

export function mailToApi(mail: Notification) {
  return { ...mail, createdAt: formatInstant(mail.createdAt), sentAt: iso(mail.sentAt) }
}

export function eventToApi(event: InboxEvent) {
  return {
    ...event,
    occurredAt: formatInstant(event.occurredAt),
    receivedAt: formatInstant(event.receivedAt),
    nextAt: formatInstant(event.nextAt),
    settledAt: iso(event.settledAt),
  }
}

export function happeningToApi(happening: Happening) {
  const { source } = happening
  const at = formatInstant(happening.at)
  switch (source) {
    case 'audit':
      return { source, at, entry: auditEntryToApi(happening.entry) }
    case 'attempt':
      return { source, at, attempt: attemptToApi(happening.attempt) }
    case 'mail':
      return { source, at, mail: mailToApi(happening.mail) }
    case 'event':
      return { source, at, event: eventToApi(happening.event) }
  }
}
