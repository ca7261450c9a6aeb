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
  const entries = Object.entries(wanted.metadata)
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
