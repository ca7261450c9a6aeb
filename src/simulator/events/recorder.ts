import type { Documents, Kind } from '../store/documents.ts'
import type { Document } from '../store/table.ts'
import type { EmitOptions, Recorder, Transaction } from '../store/transaction.ts'
import { API_VERSION } from '../wire/stripe-tables.generated.ts'
import { fanOut } from './fan-out.ts'
import { isSame, previousAttributes } from './previous-attributes.ts'

/** The event that tells of any change to an object of the kind; null where only named occasions have events. */
const UPDATED_EVENTS: { readonly [K in Kind]?: string | null } = {
  'billing.credit_grant': 'billing.credit_grant.updated',
  'billing.meter': 'billing.meter.updated',
  'billing_portal.configuration': 'billing_portal.configuration.updated',
  card: 'customer.source.updated',
  charge: null,
  coupon: 'coupon.updated',
  credit_note: 'credit_note.updated',
  customer: 'customer.updated',
  dispute: 'charge.dispute.updated',
  invoice: 'invoice.updated',
  payment_method: 'payment_method.updated',
  price: 'price.updated',
  product: 'product.updated',
  promotion_code: 'promotion_code.updated',
  refund: 'refund.updated',
  subscription: 'customer.subscription.updated',
  subscription_schedule: 'subscription_schedule.updated',
  tax_rate: 'tax_rate.updated',
}

/** Kinds shown inside another object: changing them changes their parent. */
const PARENTS: { readonly [K in Kind]?: { readonly kind: Kind; readonly field: string } } = {
  line_item: { kind: 'invoice', field: 'invoice' },
  subscription_item: { kind: 'subscription', field: 'subscription' },
}

/** Events of the beginning and the end of something tell everything; an `*.updated` beside them would repeat it. */
const TELLS_ALL = /\.(?:created|deleted|attached|detached)$/

type Hash = Readonly<Record<string, unknown>>

interface Tracked {
  readonly kind: Kind
  readonly id: string
  /** As last shown: before the transaction, or in its latest event. Undefined for a new object nobody has seen. */
  readonly shown: Hash | undefined
}

/**
 * Notices what a transaction changes and writes the events in the same transaction. The events named by the rules are
 * written when they say so; `*.updated` follows from comparing what was last shown with what there is now, so no change
 * can go without its event and no event can tell of a change that is not there.
 */
export function createRecorder(
  tx: Transaction,
  inspect: (event: Documents['event']) => void = () => undefined,
): Recorder {
  let tracked = new Map<string, Tracked>()

  function track(kind: Kind, id: string): void {
    const key = `${kind}/${id}`
    if (UPDATED_EVENTS[kind] === undefined || tracked.has(key)) return
    const exists = tx.find(kind, id) !== undefined
    tracked.set(key, { kind, id, shown: exists ? (tx.present(kind, id) as Hash) : undefined })
  }

  function touch(kind: Kind, document: Document): void {
    track(kind, document.id)
    const parent = PARENTS[kind]
    if (parent === undefined) return
    const parentId = (document as unknown as Hash)[parent.field]
    if (typeof parentId === 'string') track(parent.kind, parentId)
  }

  function tellUpdate(entry: Tracked): void {
    const type = UPDATED_EVENTS[entry.kind]
    const exists = tx.find(entry.kind, entry.id) !== undefined
    if (typeof type !== 'string' || entry.shown === undefined || !exists) return
    const current = tx.present(entry.kind, entry.id) as Hash
    const previous = isSame(entry.shown, current)
      ? undefined
      : previousAttributes(entry.shown, current)
    if (previous === undefined) return
    tracked.set(`${entry.kind}/${entry.id}`, { ...entry, shown: current })
    write(type, current, previous)
  }

  function emit(type: string, kind: Kind, id: string, options: EmitOptions): void {
    const key = `${kind}/${id}`
    const entry = tracked.get(key)
    if (entry !== undefined && !TELLS_ALL.test(type)) tellUpdate(entry)
    const object = (options.object ?? tx.present(kind, id)) as Hash
    const before = (options.previous ??
      (options.withPrevious === true ? entry?.shown : undefined)) as Hash | undefined
    const previous = before === undefined ? undefined : previousAttributes(before, object)
    if (UPDATED_EVENTS[kind] !== undefined && options.object === undefined) {
      // After its end there is nothing more to tell of an object.
      tracked.set(key, { kind, id, shown: type.endsWith('.deleted') ? undefined : object })
    }
    write(type, object, previous)
  }

  function write(type: string, object: Hash, previous: Hash | undefined): void {
    const clock = clockOf(tx, object)
    const event: Documents['event'] = {
      id: tx.newId('evt'),
      object: 'event',
      api_version: API_VERSION,
      created: tx.now(clock),
      data: { object, ...(previous === undefined ? {} : { previous_attributes: previous }) },
      livemode: tx.realm.isLive,
      request: { id: tx.request.id, idempotency_key: tx.request.idempotencyKey },
      type,
      inner: {
        objectId: typeof object['id'] === 'string' ? object['id'] : null,
        recordedAt: tx.now(null),
      },
    }
    inspect(event)
    tx.insert('event', event)
    fanOut(tx, event)
  }

  return {
    touch,
    emit,
    finish() {
      for (const entry of tracked.values()) tellUpdate(entry)
    },
    mark() {
      const before = new Map(tracked)
      return () => {
        tracked = before
      }
    },
  }
}

/** The test clock an object lives on: its own, or that of its customer. */
function clockOf(tx: Transaction, object: Hash): string | null {
  if (object['object'] === 'test_helpers.test_clock') return String(object['id'])
  if (typeof object['test_clock'] === 'string') return object['test_clock']
  const customer = object['customer']
  return typeof customer === 'string' ? (tx.find('customer', customer)?.test_clock ?? null) : null
}
