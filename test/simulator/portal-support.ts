import type { Stripe } from 'stripe'
import { expect } from 'vitest'
import type { OpenPage } from './pages-support.ts'

export const CARD = {
  cardNumber: '4242 4242 4242 4242',
  cardExpiry: '12 / 34',
  cardCvc: '123',
  billingName: 'Ada Lovelace',
  action: 'save',
}

type Features = Stripe.BillingPortal.ConfigurationCreateParams.Features
type FlowData = Stripe.BillingPortal.SessionCreateParams.FlowData

/** All that needs no prices. */
export const ALL: Features = {
  customer_update: { enabled: true, allowed_updates: ['name', 'email', 'address', 'tax_id'] },
  invoice_history: { enabled: true },
  payment_method_update: { enabled: true },
  subscription_cancel: {
    enabled: true,
    mode: 'at_period_end',
    cancellation_reason: { enabled: true, options: ['too_expensive', 'other'] },
  },
  subscription_pause: { enabled: true },
}

/** All, and changes between these prices. */
export function updates(
  prices: readonly Stripe.Price[],
  extra: Partial<NonNullable<Features['subscription_update']>> = {},
): Features {
  const products = new Map<string, string[]>()
  for (const { id, product } of prices) {
    products.set(product as string, [...(products.get(product as string) ?? []), id])
  }
  return {
    ...ALL,
    subscription_update: {
      enabled: true,
      default_allowed_updates: ['price', 'quantity'],
      proration_behavior: 'always_invoice',
      products: [...products].map(([product, ids]) => ({ product, prices: ids })),
      ...extra,
    },
  }
}

/** The address of a session with these features and no others. */
export async function openPortal(
  stripe: Stripe,
  customer: string,
  features: Features,
  flow?: FlowData,
): Promise<string> {
  const configuration = await stripe.billingPortal.configurations.create({
    features,
    business_profile: { headline: 'Your account with us' },
  })
  const { url } = await stripe.billingPortal.sessions.create({
    customer,
    configuration: configuration.id,
    return_url: 'https://example.com/account',
    ...(flow === undefined ? {} : { flow_data: flow }),
  })
  return url
}

/** What can be read on a page. */
export function textOf({ html }: Pick<OpenPage, 'html'>): string {
  return html
    .replaceAll(/<style>[\s\S]*?<\/style>|<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ')
}

/** Where a form sends its sender, as a whole address. */
export function target(response: Response, base: string): string {
  expect(response.status).toBe(303)
  return new URL(response.headers.get('location') ?? '', base).href
}
