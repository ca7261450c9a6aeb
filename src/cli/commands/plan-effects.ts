import type { ResponseOf } from '../../client/client.ts'

type Kind = ResponseOf<'get', '/api/v1/plans/{planKey}/diff'>['effects'][number]['kind']

const EFFECTS: Readonly<Record<Kind, string>> = {
  create_product: 'create product',
  update_product: 'update product',
  archive_product: 'archive product',
  create_meter: 'create meter',
  update_meter: 'update meter',
  link_meter: 'link meter',
  create_price: 'create price',
  keep_price: 'keep price',
  restore_price: 'restore price',
  link_price: 'link price',
  archive_price: 'archive price',
  wake_price: 'wake price',
  rate_here: 'rate here',
}

/** What publishing does in Stripe, in two words. */
export function effectWords(kind: Kind): string {
  return EFFECTS[kind]
}
