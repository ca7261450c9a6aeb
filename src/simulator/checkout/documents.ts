import type { DiscountReference } from '../catalog/discounts.ts'
import type {
  Address,
  CheckoutSession,
  CheckoutSessionCreateParams,
  CustomerCreateTaxIdParams,
} from '../stripe.generated.ts'

export interface SessionLine {
  readonly id: string
  readonly price: string
  /** Null for usage, which has none yet. */
  readonly quantity: number | null
  readonly metadata: Readonly<Record<string, string>>
  readonly taxRates: readonly string[] | null
  readonly adjustable: { readonly minimum: number; readonly maximum: number } | null
}

export type SessionDocument = CheckoutSession & {
  readonly inner: {
    readonly lines: readonly SessionLine[]
    readonly discounts: readonly DiscountReference[]
    readonly subscriptionData: NonNullable<CheckoutSessionCreateParams['subscription_data']> | null
    readonly paymentIntentData: NonNullable<
      CheckoutSessionCreateParams['payment_intent_data']
    > | null
    readonly setupIntentData: NonNullable<CheckoutSessionCreateParams['setup_intent_data']> | null
    readonly invoiceData: NonNullable<CheckoutSessionCreateParams['invoice_creation']> | null
    readonly updatesCustomer: { readonly name: boolean; readonly address: boolean }
    /** The intent of the latest attempt. It belongs to nobody until the session completes. */
    readonly intent: string | null
    /** What the customer filled in with the latest attempt. */
    readonly entered: EnteredDetails | null
    /** Why the latest attempt did not go through, in words for the customer. */
    readonly problem: string | null
  }
}

export interface EnteredDetails {
  readonly paymentMethod: string | null
  readonly email: string | null
  readonly name: string | null
  readonly acceptsTerms: boolean
  /** Where a session asks for more; what it did not ask for is absent. */
  /** The card may be offered again at the next checkout. */
  readonly savesCard?: boolean | undefined
  readonly acceptsPromotions?: boolean | undefined
  readonly phone?: string | null | undefined
  readonly address?: Address | null | undefined
  readonly businessName?: string | null | undefined
  /** Answers to the merchant's own questions, by their keys. */
  readonly answers?: Readonly<Record<string, string>> | undefined
  readonly taxId?: Pick<CustomerCreateTaxIdParams, 'type' | 'value'> | null | undefined
}
