import type { Stripe } from 'stripe'
import { callStripe, findInStripe } from './errors.ts'

export type Customers = ReturnType<typeof createCustomers>

export interface StripeCustomerInput {
  readonly customerId: string
  readonly name: string
  readonly email: string | null
  readonly testClockId?: string | undefined
}

/** `deleted`: it was there once, and its subscriptions are gone with it. */
export type StripeCustomer =
  | { readonly id: string; readonly isDeleted: true }
  | {
      readonly id: string
      readonly isDeleted: false
      readonly name: string | null
      readonly email: string | null
      readonly currency: string | null
      /** What is owed is positive, a credit negative. */
      readonly balanceMinor: bigint
      readonly isDelinquent: boolean
      readonly defaultPaymentMethodId: string | null
      readonly taxIds: readonly StripeTaxId[]
      readonly metadata: Readonly<Record<string, string>>
    }

export interface StripeTaxId {
  readonly type: string
  readonly value: string
  readonly verification: string | null
}

/** What our id is called in the metadata of what we make. */
export const CUSTOMER_METADATA = 'farebox_customer'

export function createCustomers(stripe: Stripe) {
  return {
    async create(input: StripeCustomerInput, idempotencyKey: string): Promise<string> {
      const customer = await callStripe(() =>
        stripe.customers.create(
          {
            name: input.name,
            metadata: { [CUSTOMER_METADATA]: input.customerId },
            ...(input.email !== null && { email: input.email }),
            ...(input.testClockId !== undefined && { test_clock: input.testClockId }),
          },
          { idempotencyKey },
        ),
      )
      return customer.id
    },

    async find(id: string): Promise<StripeCustomer | undefined> {
      const customer = await findInStripe(() =>
        stripe.customers.retrieve(id, { expand: ['tax_ids'] }),
      )
      if (customer === undefined) return undefined
      if (customer.deleted === true) return { id, isDeleted: true }
      const method = customer.invoice_settings.default_payment_method
      return {
        id,
        isDeleted: false,
        name: customer.name ?? null,
        email: customer.email,
        currency: customer.currency ?? null,
        balanceMinor: BigInt(customer.balance),
        isDelinquent: customer.delinquent ?? false,
        defaultPaymentMethodId: typeof method === 'string' ? method : (method?.id ?? null),
        taxIds: (customer.tax_ids?.data ?? []).map(({ type, value, verification }) => ({
          type,
          value,
          verification: verification?.status ?? null,
        })),
        metadata: customer.metadata,
      }
    },

    /** Those that carry our id: what a creation whose answer was lost has left. Search lags behind by up to a minute. */
    async searchByOurId(customerId: string): Promise<string[]> {
      const { data } = await callStripe(() =>
        stripe.customers.search({
          query: `metadata['${CUSTOMER_METADATA}']:'${customerId}'`,
          limit: 10,
        }),
      )
      return data.map(({ id }) => id)
    },

    async update(
      id: string,
      change: { readonly name?: string; readonly email?: string | null },
    ): Promise<void> {
      await callStripe(() =>
        stripe.customers.update(id, {
          ...(change.name !== undefined && { name: change.name }),
          ...(change.email !== undefined && { email: change.email ?? '' }),
        }),
      )
    },

    /** What is charged from now on, by subscriptions that have no method of their own. */
    async setDefaultMethod(id: string, paymentMethodId: string): Promise<void> {
      await callStripe(() =>
        stripe.customers.update(id, {
          invoice_settings: { default_payment_method: paymentMethodId },
        }),
      )
    },

    /** Stripe's own pages for payment methods, invoices and cancellation; the address is short-lived. */
    async portalUrl(id: string, returnUrl: string): Promise<string> {
      const session = await callStripe(() =>
        stripe.billingPortal.sessions.create({ customer: id, return_url: returnUrl }),
      )
      return session.url
    },
  }
}
