import { requireCustomer } from '../customers/require-customer.ts'
import { toCurrency } from '../catalog/amounts.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { BillingCreditGrantCreateParams } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { changed } from '../wire/changed.ts'
import { invalidRequest, missingParameter } from '../wire/errors.ts'
import { listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'
import { DEFAULT_PRIORITY, readScope, recordMovement, remainingOf } from './ledger.ts'

const KIND = 'billing.credit_grant'
type Grant = Documents[typeof KIND]

const MAX_PRIORITY = 100
const MAX_UNUSED_GRANTS = 100

export const creditGrantOperations: Handlers = {
  'POST /v1/billing/credit_grants': ({ tx, params }) => tx.present(KIND, createGrant(tx, params)),

  'GET /v1/billing/credit_grants': ({ tx, params }) =>
    listPage(tx, KIND, {
      url: '/v1/billing/credit_grants',
      params,
      ...(params.customer === undefined
        ? {}
        : { among: tx.where(KIND, 'customer', requireCustomer(tx, params.customer).id) }),
      matches: (grant) => params.customer !== undefined || grant.test_clock === null,
    }),

  'GET /v1/billing/credit_grants/{id}': ({ tx, id }) => tx.present(KIND, getById(tx, KIND, id).id),

  'POST /v1/billing/credit_grants/{id}': ({ tx, params, id }) => {
    const grant = getById(tx, KIND, id)
    const now = tx.now(grant.test_clock)
    if (params.expires_at !== undefined) {
      requireAlive(grant, now)
      if (params.expires_at !== null) requireFuture(params.expires_at, now)
    }
    tx.update(KIND, id, {
      expires_at: changed(params.expires_at, grant.expires_at),
      metadata: mergeMetadata(grant.metadata, params.metadata),
      updated: now,
    })
    planExpiry(tx, id)
    return tx.present(KIND, id)
  },

  'POST /v1/billing/credit_grants/{id}/expire': ({ tx, id }) => {
    const grant = getById(tx, KIND, id)
    const now = tx.now(grant.test_clock)
    requireAlive(grant, now)
    tx.update(KIND, id, { expires_at: now, updated: now })
    expireGrant(tx, id)
    return tx.present(KIND, id)
  },

  'POST /v1/billing/credit_grants/{id}/void': ({ tx, id }) => {
    const grant = getById(tx, KIND, id)
    const now = tx.now(grant.test_clock)
    requireAlive(grant, now)
    const remaining = remainingOf(tx, id)
    if (remaining !== grant.amount.monetary?.value) {
      throw invalidRequest({
        message: `The credit grant ${id} has been applied to an invoice and can no longer be voided. Expire it instead.`,
      })
    }
    tx.update(KIND, id, { voided_at: now, updated: now })
    recordMovement(tx, { grant, amount: remaining, type: 'credits_voided', effectiveAt: now })
    tx.unschedule(expiryJob(id))
    return tx.present(KIND, id)
  },
}

function createGrant(tx: Transaction, params: BillingCreditGrantCreateParams): string {
  if (params.customer === undefined) throw missingParameter('customer')
  if (params.amount.monetary === undefined) throw missingParameter('amount[monetary]')
  const customer = requireCustomer(tx, params.customer)
  const now = tx.now(customer.test_clock)
  const { value } = params.amount.monetary
  if (value <= 0) {
    throw invalidRequest({
      code: 'parameter_invalid_integer',
      message: 'The amount of a credit grant must be greater than 0.',
      param: 'amount[monetary][value]',
    })
  }
  const priority = params.priority ?? DEFAULT_PRIORITY
  if (priority < 0 || priority > MAX_PRIORITY) {
    throw invalidRequest({
      code: 'parameter_invalid_integer',
      message: `The priority of a credit grant must be between 0 and ${MAX_PRIORITY}; got ${priority}.`,
      param: 'priority',
    })
  }
  const effectiveAt = params.effective_at ?? now
  if (params.expires_at !== undefined) requireFuture(params.expires_at, Math.max(now, effectiveAt))
  requireRoom(tx, customer.id)
  const grant: Grant = tx.insert(KIND, {
    id: tx.newId('credgr'),
    object: KIND,
    amount: {
      monetary: {
        currency: toCurrency(params.amount.monetary.currency, 'amount[monetary][currency]'),
        value,
      },
      type: 'monetary',
    },
    applicability_config: {
      scope: readScope(tx, params.applicability_config.scope, 'applicability_config[scope]'),
    },
    category: params.category ?? 'paid',
    created: now,
    customer: customer.id,
    customer_account: null,
    effective_at: effectiveAt,
    expires_at: params.expires_at ?? null,
    livemode: tx.realm.isLive,
    metadata: newMetadata(params.metadata),
    name: params.name ?? null,
    priority,
    test_clock: customer.test_clock,
    updated: now,
    voided_at: null,
  })
  tx.emit('billing.credit_grant.created', KIND, grant.id)
  recordMovement(tx, { grant, amount: value, type: 'credits_granted', effectiveAt })
  planExpiry(tx, grant.id)
  return grant.id
}

function requireRoom(tx: Transaction, customer: string): void {
  const unused = tx.where(KIND, 'customer', customer).filter(({ id }) => remainingOf(tx, id) > 0)
  if (unused.length < MAX_UNUSED_GRANTS) return
  throw invalidRequest({
    message: `A customer can have at most ${MAX_UNUSED_GRANTS} unused credit grants.`,
    param: 'customer',
  })
}

function requireAlive(grant: Grant, now: number): void {
  if (grant.voided_at !== null) {
    throw invalidRequest({ message: `The credit grant ${grant.id} is voided.` })
  }
  if (grant.expires_at !== null && grant.expires_at <= now) {
    throw invalidRequest({ message: `The credit grant ${grant.id} has expired.` })
  }
}

function requireFuture(time: number, now: number): void {
  if (time > now) return
  throw invalidRequest({
    message: 'Credits must expire in the future, and after they become effective.',
    param: 'expires_at',
  })
}

const expiryJob = (id: string): string => `credit_grant:${id}`

function planExpiry(tx: Transaction, id: string): void {
  const grant = tx.get(KIND, id)
  if (grant.expires_at === null || grant.voided_at !== null) {
    tx.unschedule(expiryJob(id))
    return
  }
  tx.schedule({
    id: expiryJob(id),
    type: 'credit_grant.expire',
    clock: grant.test_clock,
    dueAt: grant.expires_at,
    rank: 45,
    subject: id,
  })
}

/** Job: what is left of a grant is lost. */
export function expireGrant(tx: Transaction, id: string): void {
  const grant = tx.find(KIND, id)
  if (grant === undefined) return
  tx.unschedule(expiryJob(id))
  const amount = remainingOf(tx, id)
  if (amount === 0) return
  recordMovement(tx, {
    grant,
    amount,
    type: 'credits_expired',
    effectiveAt: grant.expires_at ?? tx.now(grant.test_clock),
  })
}
