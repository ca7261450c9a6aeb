import { AppError, notFound } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { StripeRefund } from '../../stripe/refunds.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Connections } from '../connections/service.ts'
import type { Payment } from '../payments/payment.ts'
import type { Payments } from '../payments/service.ts'
import type { Settings } from '../settings/service.ts'
import type { Look } from '../webhooks/look.service.ts'
import type { Sync } from '../webhooks/sync.ts'
import {
  decideRefund,
  type RefundDecision,
  type RefundRequest,
  refundableMinor,
} from './decide-refund.ts'
import { createRefundChange, SEND_QUEUE } from './change.service.ts'
import type { Refund } from './refund.ts'
import { createRefundSync, type RefundHook } from './refund-sync.service.ts'
import { createRefundSender } from './send.service.ts'
import * as store from './store.ts'

/** For a payment that bought credits: what their unburned part is worth; null for any other. */
export type UnburnedReader = (tx: Db, payment: Payment) => Promise<bigint | null>

export interface RefundInput extends RefundRequest {
  readonly note: string | null
}

interface RefundsDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly connections: Connections
  readonly jobs: Jobs
  readonly look: Look
  readonly payments: Payments
  readonly settings: Settings
}

export type Refunds = ReturnType<typeof createRefunds>

/** Giving money back: our row first, then Stripe under the row's id, then the outcome, whoever tells it. */
export function createRefunds(deps: RefundsDeps) {
  const { database, accounts, audit, jobs, payments, settings } = deps
  const hooks: RefundHook[] = []
  const refundSync: Sync<StripeRefund> = createRefundSync({ ...deps, hooks })
  const change = createRefundChange({ ...deps, hooks })
  const send = createRefundSender({ ...deps, refundSync, change })
  let readUnburned: UnburnedReader = () => Promise.resolve(null)

  /** Decided on what is known under the customer's lock. */
  async function decide(
    tx: Db,
    payment: Payment,
    request: RefundRequest,
  ): Promise<{ decision: RefundDecision; unburnedCreditsMinor: bigint | null }> {
    const { mode } = payment
    const above = await settings.get(mode, 'payment.refund_approval_above', tx)
    const unburnedCreditsMinor = await readUnburned(tx, payment)
    const limits = {
      approvalAboveMinor: above === null ? null : BigInt(above),
      unburnedCreditsMinor,
    }
    return {
      decision: decideRefund(await refundable(tx, payment), request, limits),
      unburnedCreditsMinor,
    }
  }

  async function refundable(db: Db, payment: Payment) {
    const refunds = await store.listOfPayment(db, payment.mode, payment.id)
    return {
      state: payment.state,
      currency: payment.amount.currency,
      capturedMinor: payment.capturedMinor,
      refunds: refunds.map(({ amount, state }) => ({ amountMinor: amount.amountMinor, state })),
      lostInDisputesMinor: payment.disputeStanding === 'lost' ? payment.capturedMinor : 0n,
    }
  }

  async function get(mode: Mode, id: string, db: Db = database.db): Promise<Refund> {
    const refund = await store.find(db, mode, id)
    if (refund === undefined) throw notFound('refund')
    return refund
  }

  jobs.handle(SEND_QUEUE, async ({ payload }) => {
    const { mode, refundId } = payload as { mode: Mode; refundId: string }
    await send(mode, refundId)
  })

  /** Now, for whoever waits for it; what fails is the job's to try again. */
  async function sendNow(mode: Mode, id: string): Promise<Refund> {
    try {
      await send(mode, id)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
    }
    return get(mode, id)
  }

  return {
    refundSync,

    /** Heard in the transaction in which a refund changes its state. */
    onRefund(hook: RefundHook): void {
      hooks.push(hook)
    },

    /** Who knows what credits a payment bought tells how much of them is left. */
    limitToUnburned(reader: UnburnedReader): void {
      readUnburned = reader
    },

    get,

    list: (mode: Mode, filter: store.RefundFilter, page: PageRequest): Promise<Page<Refund>> =>
      store.list(database.db, mode, filter, page),

    ofPayment: (mode: Mode, paymentId: string, db: Db = database.db): Promise<Refund[]> =>
      store.listOfPayment(db, mode, paymentId),

    /** What is left of a payment to be given back. */
    async left(mode: Mode, paymentId: string): Promise<bigint> {
      const payment = await payments.get(mode, paymentId)
      return refundableMinor(await refundable(database.db, payment))
    },

    /** What asking would lead to; the same decision as the one that counts. */
    async preview(mode: Mode, paymentId: string, request: RefundRequest): Promise<RefundDecision> {
      const payment = await payments.get(mode, paymentId)
      return (await decide(database.db, payment, request)).decision
    },

    /** Asks for a refund and, unless a second person is needed, sends it. Answers how it stands then. */
    async request(caller: Caller, paymentId: string, input: RefundInput): Promise<Refund> {
      const { mode, actor } = caller
      const { customerId } = await payments.get(mode, paymentId)
      const refund = await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, customerId)
        const payment = await payments.get(mode, paymentId, tx)
        const { decision } = await decide(tx, payment, input)
        if (decision.kind === 'refused') throw refused(decision, payment)
        const now = accounts.now(customer)
        const id = newId('refund', now)
        const row: Refund = {
          mode,
          id,
          paymentId,
          customerId,
          amount: { amountMinor: decision.amountMinor, currency: payment.amount.currency },
          state: 'requested',
          reason: input.reason,
          note: input.note,
          accessEffect: input.accessEffect,
          creditEffect: input.creditEffect,
          issuesCreditNote: input.issueCreditNote,
          origin: 'farebox',
          approval: decision.needsApproval ? 'waiting' : 'not_needed',
          requestedBy: 'id' in actor ? actor.id : null,
          approvedBy: null,
          failureCode: null,
          failureMessage: null,
          stripeRefundId: null,
          providerTicket: 0n,
          effectsAppliedAt: null,
          createdAt: now,
          settledAt: null,
        }
        await store.save(tx, row, now)
        for (const hook of hooks) await hook(tx, row, undefined, payment)
        if (!decision.needsApproval) {
          await jobs.enqueue(tx, SEND_QUEUE, { mode, refundId: id }, { key: id })
        }
        await audit.record(tx, caller, {
          action: 'refund.requested',
          targetKind: 'refund',
          targetId: id,
          customerId,
          after: { ...input, paymentId, amountMinor: String(decision.amountMinor) },
        })
        return row
      })
      return refund.approval === 'waiting' ? refund : sendNow(mode, refund.id)
    },

    /** The second person agrees; never the one who asked. */
    async approve(caller: Caller, id: string): Promise<Refund> {
      const refund = await waiting(caller.mode, id)
      const actorId = 'id' in caller.actor ? caller.actor.id : null
      if (actorId === null || actorId === refund.requestedBy) {
        throw new AppError('refund_needs_second_person', {})
      }
      await change(caller, refund, 'refund.approved', (current) => ({
        ...current,
        approval: current.approval === 'waiting' ? 'approved' : current.approval,
        approvedBy: actorId,
      }))
      return sendNow(caller.mode, id)
    },

    async reject(caller: Caller, id: string): Promise<Refund> {
      const refund = await waiting(caller.mode, id)
      await change(caller, refund, 'refund.rejected', (current, now) => ({
        ...current,
        approval: 'rejected',
        state: 'canceled',
        settledAt: now,
      }))
      return get(caller.mode, id)
    },

    /** Asks Stripe again about what has no outcome yet. */
    async resolve(mode: Mode, before: number, limit: number): Promise<number> {
      const open = await store.listUnsettled(database.db, mode, before, limit)
      for (const { id } of open) await sendNow(mode, id)
      return open.length
    },

    /** The effects on access and credits have happened; they happen once. */
    async markEffectsApplied(tx: Db, refund: Refund, now: number): Promise<void> {
      await store.save(tx, { ...refund, effectsAppliedAt: now }, now)
    },
  }

  async function waiting(mode: Mode, id: string): Promise<Refund> {
    const refund = await get(mode, id)
    if (refund.approval !== 'waiting') throw new AppError('refund_not_waiting', {})
    return refund
  }
}

function refused(
  { code, refundableMinor: leftMinor }: Extract<RefundDecision, { kind: 'refused' }>,
  payment: Payment,
): AppError {
  const { currency } = payment.amount
  const extras = { refundable: { amountMinor: Number(leftMinor), currency } }
  switch (code) {
    case 'payment_not_refundable':
      return new AppError(code, { state: payment.state.replaceAll('_', ' ') }, { extras })
    case 'amount_exceeds_remaining':
    case 'credits_already_used':
      return new AppError(code, { leftMinor: String(leftMinor), currency }, { extras })
    case 'payment_disputed':
    case 'nothing_left_to_refund':
    case 'amount_not_chargeable':
      return new AppError(code, {}, { extras })
  }
}
