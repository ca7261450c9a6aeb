import type { Connected } from '../connections/service.ts'
import type { Mapping } from '../connections/mapping.ts'
import type { StripePrice } from '../../stripe/catalog.ts'
import type { Observed } from './observed.ts'

/** Looks at what Stripe has of these mappings now, and at prices that are only named so far. */
export async function observe(
  { api }: Pick<Connected, 'api'>,
  mappings: readonly Mapping[],
  linkedPriceIds: readonly string[] = [],
): Promise<Observed> {
  const idsOf = (kind: Mapping['entityKind']) =>
    mappings.filter(({ entityKind }) => entityKind === kind).map(({ externalId }) => externalId)
  const products = await api.catalog.findProducts(idsOf('plan'))
  const prices = new Map<string, StripePrice>()
  for (const { id } of products) {
    for (const price of await api.catalog.listPrices(id)) prices.set(price.id, price)
  }
  const linked = mappings.filter(
    ({ entityKind, metadata }) => entityKind === 'rate_card' && metadata['linked'] === 'true',
  )
  const named = new Set([...linked.map(({ externalId }) => externalId), ...linkedPriceIds])
  for (const id of named) {
    const price = await api.catalog.findPrice(id)
    if (price !== undefined) prices.set(id, price)
  }
  const meters = await api.catalog.listMeters()
  return {
    products: new Map(products.map((product) => [product.id, product])),
    prices,
    meters: new Map(meters.map((meter) => [meter.id, meter])),
  }
}
