import type { Instant } from '../../kit/instant.ts'
import type { StripeTaxId } from '../../stripe/customers.ts'

/** What Stripe says about a customer of ours. Ours is the truth about who they are; theirs about their balance there. */
export interface MirroredCustomer {
  readonly customerId: string
  readonly stripeCustomerId: string
  readonly name: string | null
  readonly email: string | null
  readonly currency: string | null
  /** Stripe's sign: what the customer owes is positive, a credit is negative. */
  readonly balanceMinor: bigint
  readonly isDelinquent: boolean
  readonly defaultPaymentMethodId: string | null
  readonly taxIds: readonly StripeTaxId[]
  readonly deletedAt: Instant | null
  readonly providerTicket: bigint
}
