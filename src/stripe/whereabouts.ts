import { Stripe } from 'stripe'
import { fromStripe } from './errors.ts'

/** Where an object is that is not among its customer's. */
export type Whereabouts = 'nowhere' | 'other_mode' | 'elsewhere'

type Kind = 'customer' | 'subscription' | 'invoice' | 'payment' | 'refund' | 'dispute'

/** Asks for one object by its id, to tell what is gone from what was never here or belongs to somebody else. */
export function createWhereabouts(stripe: Stripe) {
  const retrieve: Readonly<Record<Kind, (id: string) => Promise<unknown>>> = {
    customer: (id) => stripe.customers.retrieve(id),
    subscription: (id) => stripe.subscriptions.retrieve(id),
    invoice: (id) => stripe.invoices.retrieve(id),
    payment: (id) => stripe.paymentIntents.retrieve(id),
    refund: (id) => stripe.refunds.retrieve(id),
    dispute: (id) => stripe.disputes.retrieve(id),
  }
  return async (kind: Kind, id: string): Promise<Whereabouts> => {
    try {
      await retrieve[kind](id)
      return 'elsewhere'
    } catch (error) {
      const isMissing =
        error instanceof Stripe.errors.StripeError && error.code === 'resource_missing'
      if (!isMissing) throw fromStripe(error)
      return /similar object exists in (?:live|test) mode/.test(error.message)
        ? 'other_mode'
        : 'nowhere'
    }
  }
}
