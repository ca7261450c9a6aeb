import { requireCustomer } from '../customers/require-customer.ts'
import type { Transaction } from '../store/transaction.ts'
import type {
  BillingCreditBalanceSummary,
  BillingCreditBalanceSummaryRetrieveParams,
} from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { missingParameter } from '../wire/errors.ts'
import { listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { coversPrice, isUsable, readScope, remainingOf, type Scope } from './ledger.ts'

const KIND = 'billing.credit_balance_transaction'

export const creditBalanceOperations: Handlers = {
  'GET /v1/billing/credit_balance_summary': ({ tx, params }) => summarize(tx, params),

  'GET /v1/billing/credit_balance_transactions': ({ tx, params }) => {
    if (params.customer === undefined) throw missingParameter('customer')
    const customer = requireCustomer(tx, params.customer)
    return listPage(tx, KIND, {
      url: '/v1/billing/credit_balance_transactions',
      params,
      among: tx.where(KIND, 'inner.customer', customer.id),
      matches: (movement) =>
        typeof params.credit_grant !== 'string' || movement.credit_grant === params.credit_grant,
    })
  },

  'GET /v1/billing/credit_balance_transactions/{id}': ({ tx, id }) =>
    tx.present(KIND, getById(tx, KIND, id).id),
}

/**
 * What credits are worth now, by currency. The ledger holds everything that has become effective; available is what the
 * next invoice could use.
 */
function summarize(
  tx: Transaction,
  params: BillingCreditBalanceSummaryRetrieveParams,
): BillingCreditBalanceSummary {
  if (params.customer === undefined) throw missingParameter('customer')
  const customer = requireCustomer(tx, params.customer)
  const now = tx.now(customer.test_clock)
  const isWanted = filterOf(tx, params.filter)
  const balances = new Map<string, { available: number; ledger: number }>()
  for (const grant of tx.where('billing.credit_grant', 'customer', customer.id)) {
    const currency = grant.amount.monetary?.currency
    if (currency === undefined || !isWanted(grant)) continue
    const balance = balances.get(currency) ?? { available: 0, ledger: 0 }
    if ((grant.effective_at ?? 0) <= now) {
      balance.ledger += remainingOf(tx, grant.id)
      if (isUsable(grant, now)) balance.available += remainingOf(tx, grant.id)
    }
    balances.set(currency, balance)
  }
  const monetary = (currency: string, value: number) => ({
    monetary: { currency, value },
    type: 'monetary' as const,
  })
  return {
    object: 'billing.credit_balance_summary',
    balances: [...balances].map(([currency, { available, ledger }]) => ({
      available_balance: monetary(currency, available),
      ledger_balance: monetary(currency, ledger),
    })),
    customer: customer.id,
    customer_account: null,
    livemode: tx.realm.isLive,
  }
}

type Filter = BillingCreditBalanceSummaryRetrieveParams['filter']

function filterOf(
  tx: Transaction,
  filter: Filter,
): (grant: {
  readonly id: string
  readonly applicability_config: { readonly scope: Scope }
}) => boolean {
  if (filter.type === 'credit_grant') {
    if (typeof filter.credit_grant !== 'string') throw missingParameter('filter[credit_grant]')
    const { id } = getReferenced(
      tx,
      'billing.credit_grant',
      filter.credit_grant,
      'filter[credit_grant]',
    )
    return (grant) => grant.id === id
  }
  const param = 'filter[applicability_scope]'
  if (filter.applicability_scope === undefined) throw missingParameter(param)
  const scope = readScope(tx, filter.applicability_scope, param)
  const { prices } = scope
  // Credits for all metered prices count for any of them; credits for some prices only where one of them is asked for.
  return (grant) =>
    prices === undefined
      ? grant.applicability_config.scope.prices === undefined
      : prices.some(
          ({ id }) => id !== null && coversPrice(tx, grant.applicability_config.scope, id),
        )
}
