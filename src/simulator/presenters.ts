import { presentInvoice } from './billing/invoice-creation.ts'
import { presentInvoiceItem } from './billing/invoice-item-creation.ts'
import { presentSubscription } from './billing/subscription-creation.ts'
import { presentItem } from './billing/subscription-items.ts'
import { presentCoupon } from './catalog/coupons.ts'
import { presentPromotionCode } from './catalog/promotion-codes.ts'
import { presentCreditNote } from './credit-notes/credit-notes.ts'
import { presentCustomer } from './customers/customers.ts'
import { presentProductFeature } from './entitlements/features.ts'
import { presentEvent } from './events/events.ts'
import { presentBalanceTransaction } from './payments/balance.ts'
import { presentDispute } from './payments/disputes.ts'
import { presentSchedule } from './schedules/schedules.ts'
import type { Documents, Kind } from './store/documents.ts'
import type { Transaction } from './store/transaction.ts'

type Presenters = {
  readonly [K in Kind]?: (tx: Transaction, document: Documents[K]) => unknown
}

/** Kinds whose public object is more than the stored one without its hidden part. */
const PRESENTERS: Presenters = {
  balance_transaction: presentBalanceTransaction,
  coupon: presentCoupon,
  credit_note: presentCreditNote,
  customer: presentCustomer,
  dispute: presentDispute,
  event: presentEvent,
  invoice: presentInvoice,
  invoiceitem: presentInvoiceItem,
  product_feature: presentProductFeature,
  promotion_code: presentPromotionCode,
  subscription: presentSubscription,
  subscription_schedule: presentSchedule,
  subscription_item: presentItem,
}

/** What hides `inner` alone never changes for a document, so it is made once. */
const plain = new WeakMap<object, unknown>()

export function present(tx: Transaction, kind: Kind, id: string): unknown {
  const document = tx.get(kind, id)
  // The kind decides both; the compiler cannot follow a key through two tables.
  const presenter = PRESENTERS[kind] as
    | ((tx: Transaction, document: unknown) => unknown)
    | undefined
  if (presenter !== undefined) return presenter(tx, document)
  if (!('inner' in document)) return document
  const known = plain.get(document)
  if (known !== undefined) return known
  const { inner: _inner, ...shown } = document
  plain.set(document, shown)
  return shown
}
