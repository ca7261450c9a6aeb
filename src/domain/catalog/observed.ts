import type {
  StripeMeter,
  StripePrice,
  StripeProduct,
  StripeProductInput,
} from '../../stripe/catalog.ts'

/** What Stripe has now of what we made or linked there, by its ids. What is missing was deleted. */
export interface Observed {
  readonly products: ReadonlyMap<string, StripeProduct>
  readonly prices: ReadonlyMap<string, StripePrice>
  readonly meters: ReadonlyMap<string, StripeMeter>
}

/** In which words a product in Stripe differs from what we want it to be; what others add to its metadata is theirs. */
export function productDifferences(known: StripeProduct, wanted: StripeProductInput): string[] {
  const entries = Object.entries(withoutStale(known, wanted).metadata)
  const changed = entries.filter(([key, value]) => known.metadata[key] !== value)
  return [
    ...(known.isActive ? [] : ['that it is archived']),
    ...(known.name === wanted.name ? [] : [`the name "${known.name}"`]),
    ...(known.description === (wanted.description || null)
      ? []
      : [known.description === null ? 'no description' : `the description "${known.description}"`]),
    ...changed.map(([key]) => `the metadata ${key}`),
  ]
}

/** Stripe adds metadata to what it has; what a plan no longer grants has to be taken away by an empty value. */
export function withoutStale(known: StripeProduct, wanted: StripeProductInput): StripeProductInput {
  const stale = Object.keys(known.metadata).filter(
    (key) => key.startsWith('feature:') && wanted.metadata[key] === undefined,
  )
  const emptied = Object.fromEntries(stale.map((key) => [key, '']))
  return { ...wanted, metadata: { ...emptied, ...wanted.metadata } }
}
