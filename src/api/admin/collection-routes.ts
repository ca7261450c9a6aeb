import { formatInstant } from '../../kit/instant.ts'
import { notFound } from '../../errors.ts'
import { isTopic } from '../../domain/notifications/topic.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { DONE, invoiceToApi, iso, mailToApi } from '../to-api.ts'

/** Collecting what is owed, and what is said about it. */
export function collectionRoutes(services: Services): Implementation[] {
  const { billing, collection, dunning, notifications } = services

  return [
    implement(contract.payInvoice, async ({ params }, { caller }) =>
      invoiceToApi(await collection.payNow(caller, params.invoiceId)),
    ),

    implement(contract.markInvoicePaid, async ({ params, body }, { caller }) => {
      const { reference, paidAt, amountMinor } = body
      const payment = {
        reference,
        paidAt: paidAt === null ? null : Date.parse(paidAt),
        amountMinor: amountMinor === null ? null : BigInt(amountMinor),
      }
      return invoiceToApi(await collection.markPaid(caller, params.invoiceId, payment))
    }),

    implement(contract.writeOffInvoice, async ({ params }, { caller }) =>
      invoiceToApi(await collection.writeOff(caller, params.invoiceId)),
    ),

    implement(contract.voidInvoice, async ({ params }, { caller }) =>
      invoiceToApi(await collection.void(caller, params.invoiceId)),
    ),

    implement(contract.payOwnInvoice, async ({ params }, { caller, customerId }) => {
      const { invoice } = await billing.get(caller.mode, params.invoiceId)
      if (invoice.customerId !== customerId) throw notFound('invoice')
      return invoiceToApi(await collection.payNow(caller, invoice.id))
    }),

    implement(contract.listDunningCases, async ({ query }, { caller }) => {
      const { data, nextCursor } = await dunning.list(caller.mode, query, query)
      return {
        data: data.map((stored) => ({
          ...stored,
          sent: [...stored.sent],
          openedAt: formatInstant(stored.openedAt),
          nextAt: iso(stored.nextAt),
          closedAt: iso(stored.closedAt),
        })),
        nextCursor,
      }
    }),

    implement(contract.listNotifications, async ({ query }, { caller }) => {
      const { data, nextCursor } = await notifications.list(caller.mode, query.customerId, query)
      return { data: data.map(mailToApi), nextCursor }
    }),

    implement(contract.listOwnNotificationPreferences, async (_, { caller, customerId }) => ({
      data: (await notifications.preferences(caller.mode, customerId)).flatMap((entry) =>
        isTopic(entry.topic) ? [{ ...entry, topic: entry.topic }] : [],
      ),
    })),

    implement(
      contract.setOwnNotificationPreference,
      async ({ params, body }, { caller, customerId }) => {
        await notifications.prefer(caller.mode, customerId, params.topic, body.isEnabled)
        return DONE
      },
    ),
  ]
}
