import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { invoiceToApi, invoiceWithLinesToApi, paymentToApi, subscriptionToApi } from '../to-api.ts'

/** Subscriptions, invoices and payments, as operators see them. */
export function billingRoutes(services: Services): Implementation[] {
  const { billing, cancellations, payments, subscriptions } = services

  return [
    implement(contract.listSubscriptions, async ({ query }, { caller }) => {
      const isOpen = query.state === undefined ? undefined : query.state === 'open'
      const { customerId, planKey, paymentStatus } = query
      const filter = { customerId, planKey, isOpen, paymentStatus }
      const { data, nextCursor } = await subscriptions.list(caller.mode, filter, query)
      const items = await Promise.all(data.map((entry) => subscriptionToApi(services, entry)))
      return { data: items, nextCursor }
    }),

    implement(contract.getSubscription, async ({ params }, { caller }) =>
      subscriptionToApi(services, await subscriptions.get(caller.mode, params.subscriptionId)),
    ),

    implement(contract.cancelSubscription, async ({ params, body }, { caller }) =>
      subscriptionToApi(
        services,
        await cancellations.cancel(caller, params.subscriptionId, body.timing),
      ),
    ),

    implement(contract.resumeSubscription, async ({ params }, { caller }) =>
      subscriptionToApi(services, await cancellations.resume(caller, params.subscriptionId)),
    ),

    implement(contract.listInvoices, async ({ query }, { caller }) => {
      const filter = { customerId: query.customerId, state: query.state }
      const { data, nextCursor } = await billing.list(caller.mode, filter, query)
      return { data: data.map(invoiceToApi), nextCursor }
    }),

    implement(contract.getInvoice, async ({ params }, { caller }) => {
      const { invoice, lines } = await billing.get(caller.mode, params.invoiceId)
      return invoiceWithLinesToApi(invoice, lines)
    }),

    implement(contract.listPayments, async ({ query }, { caller }) => {
      const { data, nextCursor } = await payments.list(caller.mode, query, query)
      return { data: data.map(paymentToApi), nextCursor }
    }),
  ]
}
