import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Billing } from '../billing/service.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { Disputes } from '../disputes/service.ts'
import type { Payments } from '../payments/service.ts'
import { isPaid } from '../payments/payment.ts'
import type { Refunds } from '../refunds/service.ts'
import { refundStateOf } from '../refunds/refund.ts'
import type { PlanChanges } from '../subscriptions/changes/service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import type { Compared } from './compare.ts'

/** As many as Stripe's lists are read for: more would look like missing there. */
const MAX_PAGES = 100

interface ViewsDeps {
  readonly billing: Billing
  readonly changes: PlanChanges
  readonly connections: Connections
  readonly disputes: Disputes
  readonly payments: Payments
  readonly refunds: Refunds
  readonly subscriptions: Subscriptions
}

/** What either side says about one customer, in the same words. */
export function createViews(deps: ViewsDeps) {
  const { billing, changes, connections, disputes, payments, refunds, subscriptions } = deps

  async function all<T>(list: (page: PageRequest) => Promise<Page<T>>): Promise<T[]> {
    const found: T[] = []
    let cursor: string | undefined
    for (let page = 0; page < MAX_PAGES; page++) {
      const { data, nextCursor } = await list({ limit: 100, cursor })
      found.push(...data)
      if (nextCursor === null) break
      cursor = nextCursor
    }
    return found
  }

  async function ours(
    mode: Mode,
    { scope }: Connected,
    customerId: string,
    stripeCustomerId: string,
  ): Promise<Compared[]> {
    const filter = { customerId }
    const mirrored = await connections.mirrored(mode, customerId)
    const compared: Compared[] = [
      {
        kind: 'customer',
        stripeId: stripeCustomerId,
        currency: null,
        status: 'there',
        values: { balance: String(mirrored?.balanceMinor ?? 0n) },
      },
    ]
    for (const subscription of await all((page) => subscriptions.list(mode, filter, page))) {
      const { id, providerStatus, currency } = subscription
      for (const { leftStripeId, hasLooseEnds } of await changes.listLeaving(mode, id)) {
        if (leftStripeId === null || hasLooseEnds) continue
        const left = { kind: 'subscription', currency, status: 'canceled', values: {} } as const
        compared.push({ ...left, stripeId: leftStripeId })
      }
      const cancelAt = subscription.cancelAt ?? (await changes.leavesStripeAt(mode, id))
      const stripeId = await connections.externalId(scope, 'subscription', id)
      if (stripeId === undefined) continue
      const values = { cancelAt: cancelAt === null ? null : String(cancelAt) }
      const status = providerStatus ?? 'unknown'
      const isOver = status === 'canceled'
      compared.push({
        kind: 'subscription',
        stripeId,
        currency,
        status,
        values: isOver ? {} : values,
      })
    }
    for (const invoice of await all((page) => billing.list(mode, filter, page))) {
      const { stripeInvoiceId, currency, state, totalMinor, amountPaidMinor } = invoice
      if (stripeInvoiceId === null) continue
      const values = { total: String(totalMinor), paid: String(amountPaidMinor) }
      compared.push({ kind: 'invoice', stripeId: stripeInvoiceId, currency, status: state, values })
    }
    for (const payment of await all((page) => payments.list(mode, filter, page))) {
      const { stripePaymentIntentId: stripeId, amount, capturedMinor, refundedMinor } = payment
      if (stripeId === null) continue
      const values = { captured: String(capturedMinor), refunded: String(refundedMinor) }
      const status = isPaid(payment.state) ? 'succeeded' : 'not_paid'
      compared.push({ kind: 'payment', stripeId, currency: amount.currency, status, values })
    }
    for (const refund of await all((page) => refunds.list(mode, filter, page))) {
      const { stripeRefundId: stripeId, amount, state } = refund
      if (stripeId === null) continue
      const values = { amount: String(amount.amountMinor) }
      compared.push({ kind: 'refund', stripeId, currency: amount.currency, status: state, values })
    }
    for (const dispute of await all((page) => disputes.list(mode, filter, page))) {
      const { stripeDisputeId: stripeId, amount, state } = dispute
      const values = { amount: String(amount.amountMinor) }
      compared.push({ kind: 'dispute', stripeId, currency: amount.currency, status: state, values })
    }
    return compared
  }

  /** Empty where Stripe no longer has the customer. */
  async function theirs({ api }: Connected, stripeCustomerId: string): Promise<Compared[]> {
    const customer = await api.customers.find(stripeCustomerId)
    if (customer === undefined || customer.isDeleted) return []
    const compared: Compared[] = [
      {
        kind: 'customer',
        stripeId: stripeCustomerId,
        currency: null,
        status: 'there',
        values: { balance: String(customer.balanceMinor) },
      },
    ]
    for (const subscription of await api.subscriptions.listOfCustomer(stripeCustomerId)) {
      const { id: stripeId, status, cancelAt, currency } = subscription
      const values = { cancelAt: cancelAt === null ? null : String(cancelAt) }
      const isOver = status === 'canceled'
      compared.push({
        kind: 'subscription',
        stripeId,
        currency,
        status,
        values: isOver ? {} : values,
      })
    }
    for (const invoice of await api.invoices.listOfCustomer(stripeCustomerId)) {
      const { id, currency, status, totalMinor, amountPaidMinor } = invoice
      const values = { total: String(totalMinor), paid: String(amountPaidMinor) }
      compared.push({ kind: 'invoice', stripeId: id, currency, status, values })
    }
    for (const id of await api.payments.listIdsOfCustomer(stripeCustomerId)) {
      compared.push(...(await theirPayment({ api }, id)))
    }
    return compared
  }

  async function theirPayment({ api }: Pick<Connected, 'api'>, id: string): Promise<Compared[]> {
    const payment = await api.payments.find(id)
    if (payment === undefined) return []
    const { currency, capturedMinor, refundedMinor } = payment
    const values = { captured: String(capturedMinor), refunded: String(refundedMinor) }
    const status = payment.status === 'succeeded' ? 'succeeded' : 'not_paid'
    const [given, denied] =
      capturedMinor === 0n
        ? [[], []]
        : await Promise.all([api.refunds.listOfPayment(id), api.disputes.listOfPayment(id)])
    return [
      { kind: 'payment', stripeId: id, currency, status, values },
      ...given.map((refund): Compared => ({
        kind: 'refund',
        stripeId: refund.id,
        currency: refund.currency,
        status: refundStateOf(refund.status),
        values: { amount: String(refund.amountMinor) },
      })),
      ...denied.map((dispute): Compared => ({
        kind: 'dispute',
        stripeId: dispute.id,
        currency: dispute.currency,
        status: dispute.status,
        values: { amount: String(dispute.amountMinor) },
      })),
    ]
  }

  return { ours, theirs }
}
