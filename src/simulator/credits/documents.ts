import type { BillingCreditBalanceTransaction, BillingCreditGrant } from '../stripe.generated.ts'

export type CreditGrantDocument = BillingCreditGrant

export type CreditBalanceTransactionDocument = BillingCreditBalanceTransaction & {
  readonly inner: { readonly customer: string; readonly invoice: string | null }
}
