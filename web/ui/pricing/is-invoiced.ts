import type { PlanDefinition } from './price-words.ts'

/** Nobody's card is charged: invoices come with a date, and access does not wait for the payment. */
export function isInvoiced({
  engine,
  collection,
}: Pick<PlanDefinition, 'engine' | 'collection'>): boolean {
  return engine === 'offline' || collection === 'send_invoice'
}
