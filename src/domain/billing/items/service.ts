import { newId } from '../../../kit/id.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Connected } from '../../connections/service.ts'
import type { Invoice } from '../invoice.ts'
import { decideItems, type InvoiceItem, type WantedItem } from './item.ts'
import * as store from './store.ts'

export type Items = ReturnType<typeof createItems>

/** What we add to Stripe's invoices: first our rows, then Stripe's items, one for each, however often it is tried. */
export function createItems({ database }: { readonly database: Database }) {
  return {
    of: (mode: Mode, invoiceId: string, db: Db = database.db): Promise<InvoiceItem[]> =>
      store.ofInvoice(db, mode, invoiceId),

    /** Makes the rows say what the draft is to show; whether that is news. The customer is locked. */
    async want(
      tx: Db,
      invoice: Invoice & { readonly subscriptionId: string },
      wanted: readonly WantedItem[],
      now: Instant,
    ): Promise<boolean> {
      const { mode, id: invoiceId, customerId, subscriptionId, currency } = invoice
      const known = await store.ofInvoice(tx, mode, invoiceId)
      const changes = decideItems(known, wanted)
      for (const change of changes) {
        switch (change.kind) {
          case 'add': {
            const id = newId('item', now)
            const of = { id, customerId, subscriptionId, invoiceId, currency }
            const state = stateOf(change.wanted)
            await store.insert(tx, mode, { ...change.wanted, ...of, state }, now)
            break
          }
          case 'rewrite':
            await store.rewrite(
              tx,
              mode,
              change.item.id,
              change.wanted,
              change.item.stripeItemId === null ? stateOf(change.wanted) : 'wanted',
              true,
              now,
            )
            break
          case 'keep': {
            const { id, state } = change.item
            await store.rewrite(tx, mode, id, change.wanted, state, false, now)
            break
          }
          case 'drop':
            if (change.item.stripeItemId === null && change.item.state === 'shown') {
              await store.remove(tx, mode, change.item.id)
            } else {
              await store.setState(tx, mode, change.item.id, 'unwanted', now)
            }
        }
      }
      return changes.some(({ kind }) => kind !== 'keep')
    },

    /** Makes Stripe's draft show what the rows say. Repeated after a crash it does nothing twice. */
    async show(
      { api, scope }: Connected,
      invoiceId: string,
      of: { readonly stripeCustomerId: string; readonly stripeInvoiceId: string },
      now: Instant,
    ): Promise<void> {
      const { mode } = scope
      const draft = await api.invoices.find(of.stripeInvoiceId)
      if (draft?.status !== 'draft') return
      // An item whose making was answered to nobody is found by its line, and not made again.
      const made = new Map(draft.lines.map(({ itemId, stripeItemId }) => [itemId, stripeItemId]))
      for (const item of await store.ofInvoice(database.db, mode, invoiceId)) {
        if (item.state === 'unwanted') {
          const known = item.stripeItemId ?? made.get(item.id)
          if (known) await api.invoiceItems.remove(known)
          await store.remove(database.db, mode, item.id)
        } else if (item.state === 'wanted') {
          await store.markShown(database.db, mode, item, await ask(item), now)
        }
      }

      async function ask(item: InvoiceItem): Promise<string> {
        const key = `${item.id}:${item.revision}`
        const known = item.stripeItemId ?? made.get(item.id)
        if (known) {
          // Its making may have had the key: that is another request, and Stripe takes each key for one alone.
          await api.invoiceItems.update(known, item, `${key}:update`)
          return known
        }
        return api.invoiceItems.create(
          { ...item, ...of, stripeSubscriptionId: null, itemId: item.id },
          key,
        )
      }
    },

    /** Of the rows of a final invoice: those that stand on it. The others were too late and are forgotten. */
    async settle(
      tx: Db,
      mode: Mode,
      invoiceId: string,
      shownIds: ReadonlySet<string>,
    ): Promise<InvoiceItem[]> {
      const billed: InvoiceItem[] = []
      for (const item of await store.ofInvoice(tx, mode, invoiceId)) {
        const isShown =
          shownIds.has(item.id) || (item.amountMinor === 0n && item.stripeItemId === null)
        if (isShown) billed.push(item)
        else await store.remove(tx, mode, item.id)
      }
      return billed
    },
  }
}

/** Nothing is nothing to show; that it was nothing is still worth remembering. */
function stateOf({ amountMinor }: WantedItem): 'wanted' | 'shown' {
  return amountMinor === 0n ? 'shown' : 'wanted'
}
