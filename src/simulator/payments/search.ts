import { boolean, number, searchOperation, text } from '../wire/search.ts'

type Hash = Readonly<Record<string, unknown>>

const cardField = (name: string) => (object: Hash) => {
  const details = object['payment_method_details'] as { readonly card?: Hash } | null
  return details?.card?.[name]
}

export const searchCharges = searchOperation('charge', '/v1/charges/search', {
  amount: number('amount'),
  created: number('created'),
  currency: text('currency'),
  customer: text('customer'),
  disputed: boolean('disputed'),
  refunded: boolean('refunded'),
  status: text('status'),
  'payment_method_details.card.brand': { type: 'text', read: cardField('brand') },
  'payment_method_details.card.exp_month': { type: 'number', read: cardField('exp_month') },
  'payment_method_details.card.exp_year': { type: 'number', read: cardField('exp_year') },
  'payment_method_details.card.fingerprint': { type: 'text', read: cardField('fingerprint') },
  'payment_method_details.card.last4': { type: 'text', read: cardField('last4') },
})

export const searchPaymentIntents = searchOperation(
  'payment_intent',
  '/v1/payment_intents/search',
  {
    amount: number('amount'),
    created: number('created'),
    currency: text('currency'),
    customer: text('customer'),
    status: text('status'),
  },
)
