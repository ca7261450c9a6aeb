import { AppError, notFound } from '../../errors.ts'
import { DAY_MS, type Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { formatMoney } from '../../kit/money.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Evidence } from '../../stripe/disputes.ts'
import type { Accounts } from '../accounts/service.ts'
import { type Caller, systemCaller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Connections } from '../connections/service.ts'
import type { Findings } from '../findings/service.ts'
import { dayOf } from '../notifications/notification.ts'
import type { Notifications } from '../notifications/service.ts'
import type { Payments } from '../payments/service.ts'
import type { Settings } from '../settings/service.ts'
import type { Look } from '../webhooks/look.service.ts'
import { canAnswer, type Dispute } from './dispute.ts'
import { createDisputeSync, type DisputeHook, DRAFT_QUEUE } from './dispute-sync.service.ts'
import type { EvidenceDraft } from './evidence.service.ts'
import * as store from './store.ts'

const REMIND_BEFORE_MS = 2 * DAY_MS
const MAX_REMINDED_PER_RUN = 200

interface DisputesDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly connections: Connections
  readonly findings: Findings
  readonly jobs: Jobs
  readonly look: Look
  readonly notifications: Notifications
  readonly payments: Payments
  readonly settings: Settings
  readonly draft: EvidenceDraft
}

export type Disputes = ReturnType<typeof createDisputes>

export function createDisputes(deps: DisputesDeps) {
  const { database, accounts, audit, connections, jobs } = deps
  const { look, notifications, payments, draft } = deps
  const hooks: DisputeHook[] = []
  const { disputeSync, warningSync } = createDisputeSync({ ...deps, hooks })

  async function get(mode: Mode, id: string, db: Db = database.db): Promise<Dispute> {
    const dispute = await store.find(db, mode, id)
    if (dispute === undefined) throw notFound('dispute')
    return dispute
  }

  /** One step of the evidence, under the customer's lock; refused when the bank takes none any more. */
  async function change(
    caller: Caller,
    id: string,
    action: string,
    to: (current: Dispute) => Dispute,
  ): Promise<Dispute> {
    const { mode } = caller
    const { customerId } = await get(mode, id)
    return database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const current = await get(mode, id, tx)
      if (!canAnswer(current))
        throw new AppError('dispute_not_answerable', { state: current.state })
      const after = to(current)
      await store.save(tx, after, accounts.now(customer))
      await audit.record(tx, caller, {
        action,
        targetKind: 'dispute',
        targetId: id,
        customerId,
        after: { evidenceState: after.evidenceState, fields: Object.keys(after.evidence) },
      })
      return after
    })
  }

  const editEvidence = (caller: Caller, id: string, evidence: Evidence): Promise<Dispute> =>
    change(caller, id, 'dispute.evidence_edited', (current) => ({
      ...current,
      evidence,
      evidenceState: 'drafted',
    }))

  /** Writes the draft anew from what is known now. */
  async function redraft(caller: Caller, id: string): Promise<Dispute> {
    const { mode } = caller
    const { paymentId, customerId } = await get(mode, id)
    const payment = await payments.get(mode, paymentId)
    const customer = await accounts.get(mode, customerId)
    return editEvidence(caller, id, await draft(payment, customer))
  }

  jobs.handle(DRAFT_QUEUE, async ({ payload }) => {
    const { mode, disputeId } = payload as { mode: Mode; disputeId: string }
    const dispute = await get(mode, disputeId)
    if (dispute.evidenceState === 'none' && canAnswer(dispute)) {
      await redraft(systemCaller(mode), disputeId)
    }
  })

  return {
    disputeSync,
    warningSync,

    /** Heard in the transaction in which a dispute changes its state. */
    onDispute(hook: DisputeHook): void {
      hooks.push(hook)
    },

    get,

    list: (mode: Mode, filter: store.DisputeFilter, page: PageRequest): Promise<Page<Dispute>> =>
      store.list(database.db, mode, filter, page),

    editEvidence,
    redraft,

    /** Hands the evidence in. The row says so before Stripe is asked: it can be done once. */
    async submit(caller: Caller, id: string): Promise<Dispute> {
      const { mode } = caller
      const { api } = await connections.stripe(mode)
      const before = await get(mode, id)
      const isAgain = before.evidenceState === 'submitting'
      const dispute = isAgain
        ? before
        : await change(caller, id, 'dispute.evidence_submitted', (current) => ({
            ...current,
            evidenceState: 'submitting',
          }))
      await api.disputes.submit(dispute.stripeDisputeId, dispute.evidence, `${id}:submit`)
      await look(mode, disputeSync, dispute.stripeDisputeId)
      return get(mode, id)
    },

    /** Gives in: the money stays with the customer. */
    async accept(caller: Caller, id: string): Promise<Dispute> {
      const { mode } = caller
      const { api } = await connections.stripe(mode)
      const dispute = await change(caller, id, 'dispute.accepted', (current) => current)
      await api.disputes.accept(dispute.stripeDisputeId, `${id}:accept`)
      await look(mode, disputeSync, dispute.stripeDisputeId)
      return get(mode, id)
    },

    /** Reminds of deadlines nobody has answered. */
    async runDue(mode: Mode, now: Instant): Promise<void> {
      const near = now + REMIND_BEFORE_MS
      for (const { id, customerId } of await store.listToRemind(
        database.db,
        mode,
        near,
        MAX_REMINDED_PER_RUN,
      )) {
        await database.transaction(async (tx) => {
          const customer = await accounts.lock(tx, mode, customerId)
          const dispute = await get(mode, id, tx)
          const dueAt = dispute.evidenceDueAt
          if (dueAt === null || dispute.remindedAt !== null || !canAnswer(dispute)) return
          await store.save(tx, { ...dispute, remindedAt: now }, now)
          await notifications.tell(tx, {
            mode,
            template: 'dispute_deadline',
            customerId,
            payload: {
              amount: formatMoney(dispute.amount),
              customer: customer.name,
              dueAt: dayOf(dueAt, customer.timeZone),
              disputeId: id,
            },
            dedupeKey: `dispute:${id}:deadline`,
          })
        })
      }
    },

    async nextDue(mode: Mode, after: Instant): Promise<Instant | undefined> {
      const at = await store.nextDeadline(database.db, mode, after + REMIND_BEFORE_MS)
      return at === undefined ? undefined : at - REMIND_BEFORE_MS
    },
  }
}
