import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { ProductCreateParams } from '../stripe.generated.ts'
import { invalidRequest } from '../wire/errors.ts'
import { newMetadata } from '../wire/metadata.ts'

export function createProduct(
  tx: Transaction,
  params: Omit<ProductCreateParams, 'default_price_data'>,
): Documents['product'] {
  const id = params.id ?? tx.newId('prod', 14)
  if (tx.find('product', id) !== undefined) {
    throw invalidRequest({
      code: 'resource_already_exists',
      message: `Product already exists: '${id}'.`,
      param: 'id',
    })
  }
  const now = tx.now(null)
  const product = tx.insert('product', {
    id,
    object: 'product',
    active: params.active ?? true,
    created: now,
    default_price: null,
    description: params.description ?? null,
    images: params.images ?? [],
    livemode: tx.realm.isLive,
    marketing_features: params.marketing_features ?? [],
    metadata: newMetadata(params.metadata),
    name: params.name,
    package_dimensions: params.package_dimensions ?? null,
    shippable: params.shippable ?? null,
    statement_descriptor: params.statement_descriptor ?? null,
    tax_code: params.tax_code ?? null,
    tax_details: null,
    type: params.type ?? 'service',
    unit_label: params.unit_label ?? null,
    updated: now,
    url: params.url ?? null,
    inner: { isDeleted: false },
  })
  tx.emit('product.created', 'product', id)
  return product
}
