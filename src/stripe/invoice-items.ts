import type { Stripe } from 'stripe'
import { toUnixSeconds } from '../kit/instant.ts'
import type { Period } from '../kit/period.ts'
import { toStripeAmount } from './amounts.ts'
import { callStripe, findInStripe } from './errors.ts'

export type InvoiceItems = ReturnType<typeof createInvoiceItems>

export interface InvoiceItemInput {
  readonly stripeCustomerId: string
  /** The draft it goes on; null leaves it pending for the next invoice of the subscription. */
  readonly stripeInvoiceId: string | null
  readonly stripeSubscriptionId: string | null
  readonly amountMinor: bigint
  readonly currency: string
  readonly description: string
  readonly period: Period
  /** How we find the item again after a lost answer, and its line on the invoice. */
  readonly itemId: string
}

export function createInvoiceItems(stripe: Stripe) {
  return {
    async create(input: InvoiceItemInput, idempotencyKey: string): Promise<string> {
      const item = await callStripe(() =>
        stripe.invoiceItems.create(
          {
            customer: input.stripeCustomerId,
            currency: input.currency,
            amount: toStripeAmount(input.amountMinor, input.currency),
            description: input.description,
            period: toPeriod(input.period),
            // A coupon never makes a credit or a correction larger.
            discountable: input.amountMinor > 0n,
            metadata: { farebox_item: input.itemId },
            ...(input.stripeInvoiceId !== null && { invoice: input.stripeInvoiceId }),
            ...(input.stripeInvoiceId === null &&
              input.stripeSubscriptionId !== null && { subscription: input.stripeSubscriptionId }),
          },
          { idempotencyKey },
        ),
      )
      return item.id
    },

    async update(
      id: string,
      input: Pick<InvoiceItemInput, 'amountMinor' | 'currency' | 'description' | 'period'>,
      idempotencyKey: string,
    ): Promise<void> {
      await callStripe(() =>
        stripe.invoiceItems.update(
          id,
          {
            amount: toStripeAmount(input.amountMinor, input.currency),
            description: input.description,
            period: toPeriod(input.period),
          },
          { idempotencyKey },
        ),
      )
    },

    /** Takes an item off its draft; one that is gone already is fine. */
    async remove(id: string): Promise<void> {
      await findInStripe(() => stripe.invoiceItems.del(id))
    },
  }
}

function toPeriod({ startsAt, endsAt }: Period): { start: number; end: number } {
  return { start: toUnixSeconds(startsAt), end: toUnixSeconds(endsAt) }
}
