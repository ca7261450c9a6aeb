import type { Documents } from '../store/documents.ts'

const BRANDS: Readonly<Record<string, string>> = {
  amex: 'American Express',
  diners: 'Diners Club',
  discover: 'Discover',
  jcb: 'JCB',
  mastercard: 'Mastercard',
  unionpay: 'UnionPay',
  visa: 'Visa',
}

/** Visa •••• 4242 */
export function cardName({ card }: Documents['payment_method']): string {
  return `${BRANDS[card?.brand ?? ''] ?? 'Card'} •••• ${card?.last4 ?? ''}`
}
