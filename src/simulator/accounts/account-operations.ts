import { settingsOf } from '../store/settings.ts'
import type { Account } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'

/** The account behind the key that asks: one that can do business in the United States. */
export const accountOperations: Handlers = {
  'GET /v1/account': ({ tx }): Account => ({
    id: tx.realm.accountId,
    object: 'account',
    business_type: 'company',
    capabilities: { card_payments: 'active', transfers: 'active' },
    charges_enabled: true,
    country: 'US',
    default_currency: 'usd',
    details_submitted: true,
    email: null,
    metadata: {},
    payouts_enabled: true,
    settings: null,
    business_profile: null,
    type: 'standard',
    company: {
      directors_provided: false,
      executives_provided: false,
      name: settingsOf(tx).businessName,
      owners_provided: false,
      tax_id_provided: false,
    },
  }),
}
