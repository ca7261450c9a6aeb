import { MINUTE_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { StripeInvoice } from '../../stripe/invoices.ts'
import { systemCaller } from '../audit/caller.ts'
import type { Connections } from '../connections/service.ts'
import type { Lifecycles } from '../subscriptions/lifecycle.service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import type { Subscription } from '../subscriptions/subscription.ts'
import type { Look } from '../webhooks/look.service.ts'
import type { Sync } from '../webhooks/sync.ts'
import type { OwnBilling } from './own-billing.service.ts'
import type { Billing } from './service.ts'

const QUEUE = 'billing.last_invoice'
/** What was under way to the usage log when it ended is counted by then. */
const STRAGGLERS_MS = 10 * MINUTE_MS

interface LastInvoicesDeps {
  readonly billing: Billing
  readonly clock: Clock
  readonly connections: Connections
  readonly invoiceSync: Sync<StripeInvoice>
  readonly jobs: Jobs
  readonly lifecycles: Lifecycles
  readonly look: Look
  readonly ownBilling: OwnBilling
  readonly subscriptions: Subscriptions
}

/**
 * What a subscription of Stripe's leaves unbilled when it ends: usage that was rated here and waited for the next
 * invoice, which never comes, and usage that Stripe had not counted yet when it made its last one.
 */
export function startLastInvoices(deps: LastInvoicesDeps): void {
  const { billing, clock, connections, invoiceSync, jobs } = deps
  const { lifecycles, look, ownBilling, subscriptions } = deps

  async function enqueue(tx: Db, { mode, id }: Subscription): Promise<void> {
    const payload = { mode, subscriptionId: id }
    await jobs.enqueue(tx, QUEUE, payload, { key: id })
    const runAt = clock.now() + STRAGGLERS_MS
    await jobs.enqueue(tx, QUEUE, payload, { key: `${id}:again`, runAt })
  }

  lifecycles.onEnd(async (tx, ended) => {
    if (ended.engine === 'stripe_subscription') await enqueue(tx, ended)
  })

  billing.onInvoice(async (tx, { mode, subscriptionId, state }, before) => {
    const isFinal = state !== 'draft' && (before === undefined || before.state === 'draft')
    if (!isFinal || subscriptionId === null) return
    const subscription = await subscriptions.find(mode, subscriptionId, tx)
    if (subscription?.engine !== 'stripe_subscription' || subscription.endsAt === null) return
    await enqueue(tx, subscription)
  })

  jobs.handle(QUEUE, async ({ payload }) => {
    const { mode, subscriptionId } = payload as { mode: Mode; subscriptionId: string }
    const subscription = await subscriptions.get(mode, subscriptionId)
    const { api, scope } = await connections.stripe(mode)
    const stripeId = await connections.externalId(scope, 'subscription', subscriptionId)
    const stripe = stripeId === undefined ? undefined : await api.subscriptions.find(stripeId)
    // What Stripe has billed must be known here before the rest of it is asked for.
    if (stripe === undefined || stripe.endedAt === null) return
    if (stripe.latestInvoiceId !== null) await look(mode, invoiceSync, stripe.latestInvoiceId)
    await ownBilling.billRest(systemCaller(mode), subscription)
    await ownBilling.showDue(mode)
  })
}
