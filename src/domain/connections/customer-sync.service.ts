import type { Db } from '../../platform/database/database.ts'
import { CUSTOMER_METADATA, type StripeCustomer } from '../../stripe/customers.ts'
import type { Accounts } from '../accounts/service.ts'
import { stripeCaller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Findings } from '../findings/service.ts'
import { APPLIED, STRANGER, type Sync, type SyncResult } from '../webhooks/sync.ts'
import type { Connected, Connections } from './service.ts'
import * as store from './store.ts'

interface CustomerSyncDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly connections: Connections
  readonly findings: Findings
}

/** Mirrors what Stripe keeps about our customers: their balance there, tax ids, and that one was deleted. */
export function createCustomerSync(deps: CustomerSyncDeps): Sync<StripeCustomer> {
  const { accounts, audit, connections, findings } = deps

  async function apply(
    tx: Db,
    connected: Connected,
    stripe: StripeCustomer,
    ticket: bigint,
  ): Promise<SyncResult> {
    const { mode } = connected.scope
    const customerId = await ours(tx, connected, stripe)
    if (customerId === undefined) return STRANGER
    const customer = await accounts.lock(tx, mode, customerId)
    const known = await store.findMirrored(tx, mode, customerId)
    const isSame = known?.stripeCustomerId === stripe.id
    if (isSame && known.providerTicket > ticket) return APPLIED
    const now = accounts.now(customer)
    if (stripe.isDeleted) {
      await forget(tx, connected, customerId, stripe.id)
      if (!isSame) return APPLIED
      const deletedAt = known.deletedAt ?? now
      await store.saveMirrored(tx, mode, { ...known, deletedAt, providerTicket: ticket }, now)
      return APPLIED
    }
    const { id: stripeCustomerId, isDeleted: _, metadata: _metadata, ...facts } = stripe
    const mirrored = { ...facts, customerId, stripeCustomerId, deletedAt: null }
    await store.saveMirrored(tx, mode, { ...mirrored, providerTicket: ticket }, now)
    return APPLIED
  }

  /** By the mapping; or by our own id in the metadata, where the answer to the creation was lost on its way to us. */
  async function ours(
    tx: Db,
    { scope }: Connected,
    stripe: StripeCustomer,
  ): Promise<string | undefined> {
    const mapped = await connections.entityId(scope, 'customer', stripe.id, tx)
    if (mapped !== undefined || stripe.isDeleted) return mapped
    const named = stripe.metadata[CUSTOMER_METADATA]
    if (named === undefined) return undefined
    const customer = await accounts.find(scope.mode, named, tx)
    if (customer === undefined) return undefined
    if (await connections.isMapped(scope, 'customer', named, tx)) return undefined
    const mapping = { entityKind: 'customer' as const, entityId: named, externalId: stripe.id }
    await connections.map(tx, scope, { ...mapping, metadata: {} })
    return named
  }

  /** The mapping stays as a warning: whether to make the customer anew is for people, or for a customer who owes nothing. */
  async function forget(
    tx: Db,
    { scope }: Connected,
    customerId: string,
    stripeCustomerId: string,
  ): Promise<void> {
    const { mode } = scope
    const current = await connections.externalId(scope, 'customer', customerId, tx)
    if (current !== stripeCustomerId) return
    await connections.markStale(tx, scope, 'customer', customerId)
    await findings.report(tx, {
      mode,
      category: 'deleted',
      subjectKind: 'customer',
      subjectId: customerId,
      customerId,
      summary: `The Stripe customer ${stripeCustomerId} was deleted in Stripe; its subscriptions ended with it.`,
      ours: { customerId },
      theirs: null,
      dedupeKey: `deleted:customer:${stripeCustomerId}`,
    })
    await audit.record(tx, stripeCaller(mode), {
      action: 'mapping.became_stale',
      targetKind: 'customer',
      targetId: customerId,
      customerId,
      before: { stripeCustomerId },
    })
  }

  return {
    fetch: ({ api }, id) => api.customers.find(id),
    apply,
    /** Stripe says it never had it: the account or the mode was another one once. */
    gone: (tx, connected, id, ticket) => apply(tx, connected, { id, isDeleted: true }, ticket),
  }
}
