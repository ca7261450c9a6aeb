import { formatMoney } from '../../kit/money.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Billing } from '../billing/service.ts'
import type { PaymentMethods } from '../payments/methods/service.ts'
import type { Payments } from '../payments/service.ts'
import type { Refunds } from '../refunds/service.ts'
import type { Settings } from '../settings/service.ts'
import { dayOf, methodName } from './notification.ts'
import type { Notifications } from './service.ts'

interface OccasionsDeps {
  readonly accounts: Accounts
  readonly billing: Billing
  readonly notifications: Notifications
  readonly paymentMethods: PaymentMethods
  readonly payments: Payments
  readonly refunds: Refunds
  readonly settings: Settings
}

/** When a mail is due because of what happened to money; what dunning and disputes say they decide themselves. */
export function createOccasions(deps: OccasionsDeps): void {
  const { accounts, billing, notifications, paymentMethods, payments, refunds, settings } = deps

  billing.onInvoice(async (tx, invoice, before) => {
    const { mode, id, customerId, currency, dueAt, number } = invoice
    const isIssued = invoice.isOffline && invoice.state === 'open' && before?.state === 'draft'
    if (!isIssued || dueAt === null) return
    const { timeZone } = await accounts.get(mode, customerId, tx)
    await notifications.tell(tx, {
      mode,
      template: 'invoice_issued',
      customerId,
      payload: {
        amount: formatMoney({ amountMinor: invoice.amountDueMinor, currency }),
        number,
        period: `${dayOf(invoice.startsAt, timeZone)} to ${dayOf(invoice.endsAt, timeZone)}`,
        dueOn: dayOf(dueAt, timeZone),
        instructions: await settings.get(mode, 'invoices.payment_instructions', tx),
        invoiceId: id,
      },
      dedupeKey: `invoice_issued:${id}`,
    })
  })

  billing.onInvoice(async (tx, invoice, before) => {
    const { mode, id, customerId, currency } = invoice
    if (invoice.state !== 'paid' || before?.state === 'paid' || invoice.totalMinor <= 0n) return
    const { timeZone } = await accounts.get(mode, customerId, tx)
    const paid = (await payments.ofInvoice(mode, id, tx)).at(-1)
    await notifications.tell(tx, {
      mode,
      template: 'invoice_paid',
      customerId,
      payload: {
        amount: formatMoney({ amountMinor: invoice.amountPaidMinor, currency }),
        number: invoice.number,
        period: `${dayOf(invoice.startsAt, timeZone)} to ${dayOf(invoice.endsAt, timeZone)}`,
        method: methodName(paid?.method ?? null),
        invoiceId: id,
      },
      dedupeKey: `invoice_paid:${id}`,
    })
  })

  payments.onPayment(async (tx, payment, before) => {
    if (payment.state !== 'requires_action' || before?.state === 'requires_action') return
    const { mode, id, customerId, invoiceId } = payment
    if (invoiceId === null) return
    await notifications.tell(tx, {
      mode,
      template: 'payment_action_required',
      customerId,
      payload: { amount: formatMoney(payment.amount), invoiceId, url: null },
      dedupeKey: `payment_action:${id}`,
    })
  })

  paymentMethods.onChange(async (tx, customer, news) => {
    if (news.kind !== 'last_removed') return
    const { mode, id: customerId, timeZone } = customer
    const { method, dueAt } = news
    await notifications.tell(tx, {
      mode,
      template: 'payment_method_removed',
      customerId,
      payload: {
        method: methodName(method) ?? method.type,
        dueOn: dueAt === null ? null : dayOf(dueAt, timeZone),
      },
      dedupeKey: `method_removed:${method.id}`,
    })
  })

  refunds.onRefund(async (tx, refund, before, payment) => {
    const { mode, id, customerId } = refund
    const amount = formatMoney(refund.amount)
    const about = { mode, customerId, dedupeKey: `refund:${id}:${refund.state}` }
    if (refund.state === 'succeeded') {
      const payload = { amount, method: methodName(payment.method) }
      await notifications.tell(tx, { ...about, template: 'refund_issued', payload })
    }
    // One that never left was never announced.
    if (refund.state === 'failed' && refund.stripeRefundId !== null) {
      await notifications.tell(tx, { ...about, template: 'refund_failed', payload: { amount } })
    }
    if (before === undefined && refund.approval === 'waiting') {
      const { name } = await accounts.get(mode, customerId, tx)
      const payload = { amount, customer: name }
      await notifications.tell(tx, { ...about, template: 'refund_waits', payload })
    }
  })
}
