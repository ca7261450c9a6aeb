import type {
  SubscriptionSchedule,
  SubscriptionSchedulePhase,
  SubscriptionSchedulePhaseAddInvoiceItem,
  SubscriptionSchedulePhaseItem,
} from '../stripe.generated.ts'

/** Tax rates by id; they are shown in full. */
interface Taxed {
  readonly taxRates: readonly string[] | null
}

export type StoredPhaseItem = Omit<SubscriptionSchedulePhaseItem, 'tax_rates'> & Taxed

export type StoredOneTimeItem = Omit<SubscriptionSchedulePhaseAddInvoiceItem, 'tax_rates'> & Taxed

export type StoredPhase = Omit<
  SubscriptionSchedulePhase,
  'add_invoice_items' | 'default_tax_rates' | 'items'
> &
  Taxed & {
    readonly items: readonly StoredPhaseItem[]
    readonly oneTimeItems: readonly StoredOneTimeItem[]
  }

export type SubscriptionScheduleDocument = Omit<SubscriptionSchedule, 'phases'> & {
  readonly inner: { readonly phases: readonly StoredPhase[] }
}
