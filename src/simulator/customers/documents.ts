import type { Customer, CustomerBalanceTransaction, TaxId } from '../stripe.generated.ts'

export type CustomerDocument = Omit<
  Customer,
  'discount' | 'sources' | 'subscriptions' | 'tax' | 'tax_ids' | 'test_clock'
> & {
  readonly test_clock: string | null
  readonly inner: {
    readonly isDeleted: boolean
    readonly discount: string | null
    readonly ipAddress: string | null
  }
}

export type CustomerBalanceTransactionDocument = CustomerBalanceTransaction
export type TaxIdDocument = TaxId
