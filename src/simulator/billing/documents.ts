import type {
  Invoice,
  Invoiceitem,
  InvoicePayment,
  LineItem,
  Subscription,
  SubscriptionItem,
} from '../stripe.generated.ts'

/**
 * An amount debited for an item's time: where it stands, and from when on it has not been credited back. Credits in flexible
 * billing mode return what was really debited, debit by debit.
 */
export interface Debit {
  readonly source: 'line_item' | 'invoiceitem'
  readonly id: string
  /** Credited up to here is used; from here on it is still owed back if the item goes. */
  readonly openFrom: number
}

export type SubscriptionItemDocument = Omit<SubscriptionItem, 'price' | 'plan' | 'tax_rates'> & {
  readonly price: string
  readonly inner: {
    readonly taxRates: readonly string[] | null
    readonly debits: readonly Debit[]
    /** Usage before this instant is on an invoice already, or was never to be billed. */
    readonly usageFrom: number
  }
}

/** Items as they will be once a pending update is paid for. */
export interface PendingUpdate {
  readonly expiresAt: number
  readonly invoice: string
  readonly items: readonly SubscriptionItemDocument[]
  readonly billingCycleAnchor: number
  readonly trialEnd: number | null
  readonly hasTrialChange: boolean
  readonly hasItemChange: boolean
  /** Somebody has seen that it is pending: its application is news. */
  readonly isAnnounced: boolean
}

export type SubscriptionDocument = Omit<
  Subscription,
  'items' | 'default_tax_rates' | 'pending_update' | 'test_clock'
> & {
  readonly test_clock: string | null
  readonly inner: {
    readonly taxRates: readonly string[]
    readonly pendingUpdate: PendingUpdate | null
    /** What happens to the time paid for when the subscription is canceled before its period ends. */
    readonly cancelProration: 'create_prorations' | 'always_invoice' | 'none'
    /** The invoice that has to be paid before an incomplete subscription begins, or a paused one goes on. */
    readonly openingInvoice: string | null
  }
}

export type InvoiceDocument = Omit<
  Invoice,
  'lines' | 'default_tax_rates' | 'payments' | 'confirmation_secret' | 'test_clock'
> & {
  readonly test_clock: string | null
  readonly inner: {
    readonly subscription: string | null
    readonly taxRates: readonly string[]
    readonly isDeleted: boolean
    /** When the first automatic attempt failed; retries are counted from here. */
    readonly firstFailedAt: number | null
    readonly retries: number
    /** The payment method whose bank said never again; retries wait for another one. */
    readonly refusedMethod: string | null
    /** What finalizing took from the customer's balance, to be given back when the invoice is voided. */
    readonly appliedBalance: number
    /** Who started the attempt that is going on: only automatic ones are counted and retried. */
    readonly attempt: 'automatic' | 'manual' | null
  }
}

export type LineItemDocument = LineItem & {
  readonly inner: {
    /** Lines are shown in this order. */
    readonly order: number
    readonly taxRates: readonly string[] | null
    readonly invoiceItem: string | null
    readonly subscriptionItem: string | null
    readonly price: string | null
    readonly product: string | null
    /** Its quantity is read from the meter until the invoice is finalized. */
    readonly isMetered: boolean
    /** Discount amounts a proration brings along, where discounts are itemized. */
    readonly fixedDiscounts: readonly { readonly discount: string; readonly amount: number }[]
  }
}

export type InvoiceItemDocument = Omit<Invoiceitem, 'tax_rates'> & {
  readonly inner: {
    readonly taxRates: readonly string[] | null
    readonly subscription: string | null
    readonly subscriptionItem: string | null
    readonly fixedDiscounts: readonly { readonly discount: string; readonly amount: number }[]
  }
}

export type InvoicePaymentDocument = InvoicePayment & {
  readonly inner: { readonly paymentIntent: string | null }
}
