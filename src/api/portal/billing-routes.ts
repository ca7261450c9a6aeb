import { notFound } from '../../errors.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { invoiceToApi, invoiceWithLinesToApi, usageToApi } from '../to-api.ts'

/** Usage, invoices and payment methods of a portal user's account. */
export function portalBillingRoutes(services: Services): Implementation[] {
  const { billing, catalog, keys, metering, paymentMethods, stripeCustomers, surroundings } =
    services

  return [
    implement(contract.listOwnMeters, async (_, { caller }) => ({
      data: await catalog.meters(caller.mode),
    })),

    implement(contract.getOwnUsage, ({ query }, { caller, customerId }) =>
      usageToApi(services, caller.mode, customerId, query),
    ),

    implement(contract.getOwnUsageBreakdown, async ({ query }, { caller, customerId }) => {
      const { mode } = caller
      const shares = await metering.breakdown({
        mode,
        customerId,
        meterKey: query.meter,
        period: { startsAt: Date.parse(query.from), endsAt: Date.parse(query.to) },
        by: query.by === 'key' ? 'apiKeyId' : 'routeKey',
      })
      const names = new Map(
        query.by === 'key'
          ? (await keys.list(mode, customerId)).map(({ id, name }) => [id, name])
          : [],
      )
      return { data: shares.map(({ id, value }) => ({ id, value, name: names.get(id) ?? id })) }
    }),

    implement(contract.listOwnInvoices, async ({ query }, { caller, customerId }) => {
      const { data, nextCursor } = await billing.list(caller.mode, { customerId }, query)
      return { data: data.map(invoiceToApi), nextCursor }
    }),

    implement(contract.getOwnInvoice, async ({ params }, { caller, customerId }) => {
      const { invoice, lines } = await billing.get(caller.mode, params.invoiceId)
      if (invoice.customerId !== customerId) throw notFound('invoice')
      return invoiceWithLinesToApi(services, invoice, lines)
    }),

    implement(contract.listOwnPaymentMethods, async (_, { caller, customerId }) => ({
      data: await paymentMethods.list(caller.mode, customerId),
    })),

    implement(contract.addOwnPaymentMethod, async (_, { caller, customerId }) => {
      const page = `${surroundings.consoleUrl}/portal/billing`
      const urls = { successUrl: `${page}?added=card`, cancelUrl: page }
      return { url: await paymentMethods.add(caller, customerId, urls) }
    }),

    implement(contract.makeOwnPaymentMethodDefault, async ({ params }, { caller, customerId }) => {
      await paymentMethods.makeDefault(caller, customerId, params.methodId)
      return { data: await paymentMethods.list(caller.mode, customerId) }
    }),

    implement(contract.removeOwnPaymentMethod, async ({ params }, { caller, customerId }) => {
      await paymentMethods.remove(caller, customerId, params.methodId)
      return { data: await paymentMethods.list(caller.mode, customerId) }
    }),

    implement(contract.openBillingPortal, async (_, { caller, customerId }) => {
      const returnUrl = `${surroundings.consoleUrl}/portal/billing`
      return { url: await stripeCustomers.portalUrl(caller.mode, customerId, returnUrl) }
    }),
  ]
}
