import { z } from 'zod'
import { invoice } from './models.ts'
import { operator, PAYERS, ANY_MEMBER, route } from './route.ts'
import { id, instant, list, page, pageQuery, done } from './values.ts'

const invoiceParams = z.object({ invoiceId: id })

const dunningCase = z
  .object({
    id: z.string(),
    customerId: z.string(),
    subscriptionId: z.string().nullable(),
    invoiceId: z.string(),
    state: z.enum(['open', 'recovered', 'exhausted', 'canceled']),
    /** Whose retries these are: Stripe's own, or ours. Of an invoice that was sent nothing is retried. */
    retries: z.enum(['ours', 'stripe', 'none']),
    /** Which mails went out about it; reminders with the time they are said at: `reminder:-P3D`. */
    sent: z.array(
      z.union([
        z.enum(['payment_failed', 'blocking_soon', 'blocked', 'final', 'recovered']),
        z.templateLiteral(['reminder:', z.string()]),
      ]),
    ),
    openedAt: instant,
    nextAt: instant.nullable(),
    closedAt: instant.nullable(),
  })
  .meta({ id: 'DunningCase' })

export const notification = z
  .object({
    id: z.string(),
    template: z.string(),
    customerId: z.string().nullable(),
    recipient: z.string(),
    state: z.enum(['pending', 'sent', 'failed']),
    error: z.string().nullable(),
    createdAt: instant,
    sentAt: instant.nullable(),
  })
  .meta({ id: 'Notification' })

const preference = z.object({
  topic: z.enum(['account', 'payments', 'receipts', 'subscription', 'usage', 'credits']),
  name: z.string(),
  description: z.string(),
  /** Mails about money due and access at risk cannot be switched off. */
  isOptional: z.boolean(),
  isEnabled: z.boolean(),
})

export const collectionRoutes = {
  payInvoice: route({
    method: 'post',
    path: '/api/v1/invoices/{invoiceId}/pay',
    access: operator('payments.write'),
    summary: 'Try to collect an open invoice now',
    tag: 'Billing',
    params: invoiceParams,
    response: invoice,
  }),
  markInvoicePaid: route({
    method: 'post',
    path: '/api/v1/invoices/{invoiceId}/mark-paid',
    access: operator('payments.write'),
    summary: 'Say that an invoice was paid another way, such as by bank transfer',
    tag: 'Billing',
    params: invoiceParams,
    body: z
      .strictObject({
        /** Names the payment, such as the number of a transfer; an invoice outside Stripe needs it. */
        reference: z.string().trim().min(1).max(200).nullable().default(null),
        /** When it arrived; null: now. */
        paidAt: instant.nullable().default(null),
        /** Compared with what is due, which has to be all of it; null: not compared. */
        amountMinor: z.int().positive().nullable().default(null),
      })
      .default({ reference: null, paidAt: null, amountMinor: null }),
    response: invoice,
  }),
  writeOffInvoice: route({
    method: 'post',
    path: '/api/v1/invoices/{invoiceId}/write-off',
    access: operator('payments.write'),
    summary: 'Give up on an open invoice; it stays owed and can still be paid',
    tag: 'Billing',
    params: invoiceParams,
    response: invoice,
  }),
  voidInvoice: route({
    method: 'post',
    path: '/api/v1/invoices/{invoiceId}/void',
    access: operator('payments.write'),
    summary: 'Void an open invoice; it is no longer owed',
    tag: 'Billing',
    params: invoiceParams,
    response: invoice,
  }),
  listDunningCases: route({
    method: 'get',
    path: '/api/v1/dunning-cases',
    access: operator('read'),
    summary: 'Unpaid invoices and what is done about them, newest first',
    tag: 'Billing',
    query: pageQuery.extend({
      customerId: id.optional(),
      state: dunningCase.shape.state.optional(),
    }),
    response: page(dunningCase),
  }),
  listNotifications: route({
    method: 'get',
    path: '/api/v1/notifications',
    access: operator('read'),
    summary: 'Mails that were sent or wait to be, newest first',
    tag: 'Customers',
    query: pageQuery.extend({ customerId: id.optional() }),
    response: page(notification),
  }),
  payOwnInvoice: route({
    method: 'post',
    path: '/api/v1/portal/invoices/{invoiceId}/pay',
    access: PAYERS,
    summary: 'Pay an open invoice now with the default payment method',
    tag: 'Portal',
    params: invoiceParams,
    response: invoice,
  }),
  listOwnNotificationPreferences: route({
    method: 'get',
    path: '/api/v1/portal/notification-preferences',
    access: ANY_MEMBER,
    summary: 'What the account is written about',
    tag: 'Portal',
    response: list(preference),
  }),
  setOwnNotificationPreference: route({
    method: 'put',
    path: '/api/v1/portal/notification-preferences/{topic}',
    access: PAYERS,
    summary: 'Switch the mails of a topic on or off',
    tag: 'Portal',
    params: z.object({ topic: preference.shape.topic }),
    body: z.strictObject({ isEnabled: z.boolean() }),
    response: done,
  }),
}
