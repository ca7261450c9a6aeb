import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { invoiceToApi, invoiceWithLinesToApi, paymentToApi } from '../to-api.ts'

/** Invoices and payments, as operators see them. */
export function billingRoutes(services: Services): Implementation[] {
  const { billing, payments } = services

  return [
    implement(contract.listInvoices, async ({ query }, { caller }) => {
      const filter = { customerId: query.customerId, state: query.state }
      const { data, nextCursor } = await billing.list(caller.mode, filter, query)
      return { data: data.map(invoiceToApi), nextCursor }
    }),

    implement(contract.getInvoice, async ({ params }, { caller }) => {
      const { invoice, lines } = await billing.get(caller.mode, params.invoiceId)
      return invoiceWithLinesToApi(services, invoice, lines)
    }),

    implement(contract.listPayments, async ({ query }, { caller }) => {
      const { data, nextCursor } = await payments.list(caller.mode, query, query)
      return { data: data.map(paymentToApi), nextCursor }
    }),
  ]
}
