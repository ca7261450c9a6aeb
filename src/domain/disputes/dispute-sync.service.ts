import { newId } from '../../kit/id.ts'
import { formatMoney } from '../../kit/money.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { StripeDispute, StripeFraudWarning } from '../../stripe/disputes.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import { stripeCaller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Connected } from '../connections/service.ts'
import type { Findings } from '../findings/service.ts'
import { dayOf } from '../notifications/notification.ts'
import type { Notifications } from '../notifications/service.ts'
import type { Payment } from '../payments/payment.ts'
import type { Payments } from '../payments/service.ts'
import type { Settings } from '../settings/service.ts'
import { APPLIED, type Sync, type SyncResult } from '../webhooks/sync.ts'
import { type Dispute, isClosed, standingOf, worstStanding } from './dispute.ts'
import * as store from './store.ts'

/** Told, inside the transaction, that a dispute reached a new state. */
export type DisputeHook = (
  tx: Db,
  dispute: Dispute,
  before: Dispute | undefined,
  payment: Payment,
) => Promise<void>

interface DisputeSyncDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly findings: Findings
  readonly jobs: Jobs
  readonly notifications: Notifications
  readonly payments: Payments
  readonly settings: Settings
  readonly hooks: readonly DisputeHook[]
}

/** Reading what was used takes a while; the draft is written afterwards. */
export const DRAFT_QUEUE = 'dispute.draft'

const NO_PAYMENT: SyncResult = { kind: 'parked', why: 'its payment is not known yet' }

/** Mirrors disputes and fraud warnings, and does to payment and customer what they mean. */
export function createDisputeSync(deps: DisputeSyncDeps) {
  const { accounts, audit, findings, notifications, payments, settings, jobs, hooks } = deps

  async function apply(
    tx: Db,
    connected: Connected,
    stripe: StripeDispute,
    ticket: bigint,
  ): Promise<SyncResult> {
    const { mode } = connected.scope
    if (stripe.paymentIntentId === null) return { kind: 'ignored', why: 'it has no payment intent' }
    const payment = await payments.findByIntent(mode, stripe.paymentIntentId, tx)
    if (payment === undefined) return NO_PAYMENT
    const customer = await accounts.lock(tx, mode, payment.customerId)
    const before = await store.findByStripeId(tx, mode, stripe.id)
    if (before !== undefined && before.providerTicket > ticket) return APPLIED
    const now = accounts.now(customer)
    const dispute: Dispute = {
      mode,
      id: before?.id ?? newId('dispute', now),
      paymentId: payment.id,
      customerId: payment.customerId,
      amount: { amountMinor: stripe.amountMinor, currency: stripe.currency },
      feeMinor: stripe.feeMinor,
      reason: stripe.reason,
      networkReasonCode: stripe.networkReasonCode,
      state: stripe.status,
      evidenceDueAt: stripe.evidenceDueAt,
      evidence: before?.evidence ?? {},
      evidenceState: stripe.hasBeenSubmitted ? 'submitted' : (before?.evidenceState ?? 'none'),
      submittedAt: stripe.hasBeenSubmitted ? (before?.submittedAt ?? now) : null,
      remindedAt: before?.remindedAt ?? null,
      stripeDisputeId: stripe.id,
      providerTicket: ticket,
      openedAt: stripe.createdAt,
      closedAt: isClosed(stripe.status) ? (before?.closedAt ?? now) : null,
    }
    await store.save(tx, dispute, now)
    if (before?.state === dispute.state) return APPLIED
    await follow(tx, dispute, before, { payment, customer })
    return APPLIED
  }

  async function follow(
    tx: Db,
    dispute: Dispute,
    before: Dispute | undefined,
    { payment, customer }: { readonly payment: Payment; readonly customer: Customer },
  ): Promise<void> {
    const { mode, id, state, customerId } = dispute
    const all = await store.listOfPayment(tx, mode, payment.id)
    const standing = worstStanding(all.map((entry) => entry.state))
    const intent = payment.stripePaymentIntentId
    if (intent !== null) await payments.setDisputeStanding(tx, mode, intent, standing)
    await followPolicy(tx, dispute)
    if (before === undefined)
      await jobs.enqueue(tx, DRAFT_QUEUE, { mode, disputeId: id }, { key: id })
    await tell(tx, dispute, before, customer)
    for (const hook of hooks) await hook(tx, dispute, before, payment)
    await audit.record(tx, stripeCaller(mode), {
      action: before === undefined ? 'dispute.opened' : `dispute.${state}`,
      targetKind: 'dispute',
      targetId: id,
      customerId,
      after: { state, reason: dispute.reason, amountMinor: String(dispute.amount.amountMinor) },
    })
  }

  async function followPolicy(tx: Db, { mode, customerId, state }: Dispute): Promise<void> {
    const policy = await settings.get(mode, 'payment.on_dispute', tx)
    if (policy !== 'suspend_customer') return
    const caller = stripeCaller(mode)
    const standing = standingOf(state)
    if (standing === 'open') await accounts.suspendIn(tx, caller, customerId, 'dispute', null)
    if (standing === 'won') await accounts.reinstateIn(tx, caller, customerId, 'dispute')
  }

  async function tell(
    tx: Db,
    dispute: Dispute,
    before: Dispute | undefined,
    { name, timeZone }: Customer,
  ): Promise<void> {
    const { mode, id: disputeId, customerId, state, evidenceDueAt } = dispute
    const about = { mode, customerId }
    const amount = formatMoney(dispute.amount)
    if (before === undefined) {
      const payload = {
        amount,
        customer: name,
        reason: dispute.reason.replaceAll('_', ' '),
        dueAt: evidenceDueAt === null ? null : dayOf(evidenceDueAt, timeZone),
        disputeId,
      }
      const dedupeKey = `dispute:${disputeId}:opened`
      await notifications.tell(tx, { ...about, template: 'dispute_opened', payload, dedupeKey })
    }
    if (isClosed(state)) {
      const outcome = state.replaceAll('_', ' ')
      const payload = { amount, customer: name, outcome, disputeId }
      const dedupeKey = `dispute:${disputeId}:${state}`
      await notifications.tell(tx, { ...about, template: 'dispute_closed', payload, dedupeKey })
    }
  }

  async function applyWarning(
    tx: Db,
    { scope: { mode } }: Connected,
    stripe: StripeFraudWarning,
    ticket: bigint,
  ): Promise<SyncResult> {
    if (stripe.paymentIntentId === null) return { kind: 'ignored', why: 'it has no payment intent' }
    const payment = await payments.findByIntent(mode, stripe.paymentIntentId, tx)
    if (payment === undefined) return NO_PAYMENT
    const { id: paymentId, customerId } = payment
    const customer = await accounts.lock(tx, mode, customerId)
    const id = newId('warning', accounts.now(customer))
    await store.saveWarning(tx, { mode, id, paymentId, customerId, stripe, providerTicket: ticket })
    const fraudType = stripe.fraudType.replaceAll('_', ' ')
    const amount = formatMoney(payment.amount)
    await findings.report(tx, {
      mode,
      category: 'fraud',
      state: stripe.isActionable ? 'open' : 'explained',
      subjectKind: 'payment',
      subjectId: paymentId,
      customerId,
      summary: `The issuer reports ${fraudType} on a payment of ${amount}; a refund now usually prevents a dispute.`,
      ours: { state: payment.state },
      theirs: { fraudType: stripe.fraudType, isActionable: stripe.isActionable },
      dedupeKey: `fraud:${stripe.id}`,
    })
    if (!stripe.isActionable) return APPLIED
    await notifications.tell(tx, {
      mode,
      template: 'fraud_warning',
      customerId,
      payload: { amount, customer: customer.name, fraudType, paymentId },
      dedupeKey: `fraud:${stripe.id}`,
    })
    return APPLIED
  }

  const disputeSync: Sync<StripeDispute> = { fetch: ({ api }, id) => api.disputes.find(id), apply }
  const warningSync: Sync<StripeFraudWarning> = {
    fetch: ({ api }, id) => api.disputes.findWarning(id),
    apply: applyWarning,
  }
  return { disputeSync, warningSync }
}
