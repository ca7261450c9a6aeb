import { AppError, notFound } from '../../../errors.ts'
import { DAY_MS, type Instant, MINUTE_MS } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database } from '../../../platform/database/database.ts'
import type { Log } from '../../../platform/log.ts'
import type { Accounts } from '../../accounts/service.ts'
import { type Caller, systemCaller } from '../../audit/caller.ts'
import type { Audit } from '../../audit/service.ts'
import type { Catalog } from '../../catalog/service.ts'
import {
  givesWay,
  isOpenChange,
  letsAddOnsBy,
  type PlanChange,
  SCHEDULED_AHEAD_MS,
} from '../../subscriptions/changes/plan-change.ts'
import type { PlanChanges } from '../../subscriptions/changes/service.ts'
import type { Subscriptions } from '../../subscriptions/service.ts'
import { NO_OVERRIDES } from '../../subscriptions/overrides.ts'
import type { CarryOutHere } from './carry-out-here.service.ts'
import type { Offer } from './offers.service.ts'
import type { CarryOut } from './carry-out.service.ts'
import { type Previews, refusalOfChange } from './previews.service.ts'

/** Whoever asked for it is still at it until then. */
const UNFINISHED_AFTER_MS = MINUTE_MS
const MAX_UNFINISHED_PER_RUN = 100
const MAX_ENDING_PER_RUN = 100

interface ChangesDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly carryOut: CarryOut
  readonly catalog: Catalog
  readonly changes: PlanChanges
  readonly database: Database
  readonly log: Log
  readonly previews: Previews
  readonly here: CarryOutHere
  readonly subscriptions: Subscriptions
}

export type Changes = ReturnType<typeof createChanges>

/** Changing the plan of a subscription: preview, confirm, take back. */
export function createChanges(deps: ChangesDeps) {
  const { accounts, audit, carryOut, catalog, changes, database, log } = deps
  const { here, previews, subscriptions } = deps

  async function makeWay(caller: Caller, subscriptionId: string): Promise<void> {
    const open = await changes.findOpen(caller.mode, subscriptionId)
    if (open !== undefined && givesWay(open)) await takeBack(caller, open)
  }

  /**
   * The row becomes the change, if nothing has happened since the quote that it does not know of. Undefined when
   * somebody else has confirmed it in the meantime: one of them asks Stripe.
   */
  async function claim(
    caller: Caller,
    quoted: PlanChange,
    offer: Offer,
  ): Promise<PlanChange | undefined> {
    const { mode } = caller
    return database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, quoted.customerId)
      const change = await changes.find(mode, quoted.id, tx)
      if (change === undefined) throw notFound('quote')
      if (change.state !== 'quoted') return undefined
      const open = await changes.findOpen(mode, change.subscriptionId, tx)
      const now = accounts.now(customer)
      const isAddOnsNow = change.startsBy === null && change.quote.timing === 'immediate'
      const isLetBy = open !== undefined && isAddOnsNow && letsAddOnsBy(open, now)
      if (open !== undefined && !isLetBy) throw new AppError('change_pending', {})
      if (now >= change.expiresAt) throw new AppError('quote_expired', {})
      const subscription = await subscriptions.get(mode, change.subscriptionId, tx)
      const isSame =
        subscription.version === change.subscriptionVersion && offer.hash === change.hash
      if (!isSame) throw new AppError('subscription_changed', {})
      if (isLetBy) await changes.update(tx, mode, open.id, { state: 'set_aside' }, now)
      await audit.record(tx, caller, {
        action: 'subscription.change_confirmed',
        targetKind: 'subscription',
        targetId: change.subscriptionId,
        customerId: change.customerId,
        after: {
          changeId: change.id,
          amountDue: change.quote.amountDue,
          ...(change.startsBy === 'override' && { overrides: change.quote.after.overrides }),
        },
      })
      const isStripes = subscription.engine === 'stripe_subscription'
      const isNow = change.quote.timing === 'immediate'
      if (change.startsBy === 'override' && change.way === 'here') {
        if (isNow) return here.agree(tx, caller, customer, subscription, change, offer)
        await changes.update(tx, mode, change.id, { state: 'scheduled' }, now)
        return { ...change, state: 'scheduled' }
      }
      if (isNow && (change.way === 'here' || (change.way === 'leave' && !isStripes))) {
        const { definition } = await catalog.getVersion(mode, change.targetVersionId, tx)
        return here.begin(tx, caller, customer, subscription, change, offer, definition)
      }
      // Stripe has to be told of the end that comes; otherwise the time alone brings it about.
      const state = isStripes ? 'executing' : 'scheduled'
      await changes.update(tx, mode, change.id, { state }, now)
      return { ...change, state }
    })
  }

  async function finish(mode: Mode, change: PlanChange): Promise<void> {
    await carryOut.followUp(mode, change)
    const current = await changes.find(mode, change.id)
    if (current?.state !== 'executing') return
    const subscription = await subscriptions.get(mode, change.subscriptionId)
    const target = await catalog.getVersion(mode, change.targetVersionId)
    const offer = await previews.offerOf(change, subscription, target)
    if ('kind' in offer) {
      await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, change.customerId)
        const update = { state: 'failed', error: `It was refused: ${offer.code}.` } as const
        await changes.update(tx, mode, change.id, update, accounts.now(customer))
      })
      return
    }
    await carryOut.run(mode, current, offer)
  }

  const self = {
    find: changes.find,
    findOpen: changes.findOpen,
    preview: previews.preview,
    previewOverrides: previews.previewOverrides,
    rehearse: previews.rehearse,

    /**
     * Carries out exactly what was shown, or nothing. Answers the change as it stands then: applied, waiting for its
     * payment, scheduled, or still quoted where it leads to a payment page. Confirming twice is confirming once.
     */
    async execute(
      caller: Caller,
      subscriptionId: string,
      quoteId: string,
      kind: 'plan' | 'overrides' = 'plan',
    ): Promise<PlanChange> {
      const { mode } = caller
      const quoted = await changes.find(mode, quoteId)
      const isKind = (quoted?.startsBy === 'override') === (kind === 'overrides')
      if (quoted === undefined || !isKind) throw notFound('quote')
      if (quoted.subscriptionId !== subscriptionId) throw notFound('quote')
      if (quoted.way === 'checkout') return quoted
      if (quoted.state !== 'quoted') return quoted
      const subscription = await subscriptions.get(mode, subscriptionId)
      const target = await catalog.getVersion(mode, quoted.targetVersionId)
      const offer = await previews.offerOf(quoted, subscription, target)
      if ('kind' in offer) throw refusalOfChange(offer, target)
      // Add-ons leave terms that are scheduled alone.
      const isAboutPlan = quoted.startsBy !== null
      if (isAboutPlan && offer.hash === quoted.hash) await makeWay(caller, subscriptionId)
      const claimed = await claim(caller, quoted, offer)
      if (claimed?.state === 'executing') await carryOut.run(mode, claimed, offer)
      else if (claimed !== undefined && claimed.state !== 'scheduled' && kind === 'plan') {
        // It is written down: what Stripe does not answer to now is done by the next run.
        await attempt(claimed, () => here.followUp(mode, quoteId))
      }
      const change = await changes.find(mode, quoteId)
      if (change === undefined) throw notFound('quote')
      return change
    },

    /** A scheduled change does not happen; one that waits for its payment is given up. */
    async takeBack(caller: Caller, subscriptionId: string): Promise<void> {
      const { mode } = caller
      const change = await changes.findOpen(mode, subscriptionId)
      if (change === undefined) throw new AppError('no_change_pending', {})
      // What an operator agreed is not the customer's to take back.
      const isTheirs = change.startsBy !== 'override' || caller.actor.kind !== 'member'
      if (!isTheirs) throw new AppError('no_change_pending', {})
      if (change.state === 'executing') throw new AppError('change_pending', {})
      await takeBack(caller, change)
    },

    /** When Stripe has to hear of terms that are scheduled here. */
    async nextDue(mode: Mode, after: Instant): Promise<Instant | undefined> {
      const at = await changes.nextToSchedule(mode, after + SCHEDULED_AHEAD_MS)
      return at === undefined ? undefined : at - SCHEDULED_AHEAD_MS
    },

    /** Terms that an operator scheduled must not stand in the way of a pause. */
    makeWay,

    /** Whatever is planned gives way to an end. */
    async clearPath(caller: Caller, subscriptionId: string): Promise<void> {
      const change = await changes.findOpen(caller.mode, subscriptionId)
      if (change?.state === 'executing') throw new AppError('change_pending', {})
      if (change !== undefined) await takeBack(caller, change)
      // Terms that were set aside for it are scheduled again.
      await makeWay(caller, subscriptionId)
    },

    /** Finishes what a crash or a lost answer left unfinished, and what is due here by time alone. */
    async runDue(mode: Mode, now: Instant): Promise<void> {
      for (const change of await changes.listDueHere(mode, now, MAX_UNFINISHED_PER_RUN)) {
        await attempt(change, () => here.arriveDue(mode, change))
      }
      for (const change of await changes.listUnpaidHere(mode, now, MAX_UNFINISHED_PER_RUN)) {
        await attempt(change, () => here.expire(mode, change))
      }
      for (const change of await changes.listUnfinished(mode, now, MAX_UNFINISHED_PER_RUN)) {
        const isUnderWay = isOpenChange(change) && now - change.quotedAt < UNFINISHED_AFTER_MS
        if (!isUnderWay) await attempt(change, () => finish(mode, change))
      }
      await changes.removeQuotes(mode, now - DAY_MS)
      const soon = now + SCHEDULED_AHEAD_MS
      for (const change of await changes.listToSchedule(mode, soon, MAX_UNFINISHED_PER_RUN)) {
        await attempt(change, () => scheduleOrDefer(mode, change, now))
      }
      for (const id of await changes.listOverridesEnding(mode, MAX_ENDING_PER_RUN)) {
        await endOverrides(mode, id).catch((error: unknown) =>
          log.error('overrides.not_ended', { subscriptionId: id, error }),
        )
      }
    },
  }

  return self

  /** What Stripe could not be told in time counts from the next period on: the invoice of this one is made. */
  async function scheduleOrDefer(mode: Mode, change: PlanChange, now: Instant): Promise<void> {
    if (now < change.effectiveAt) return carryOut.schedule(mode, change)
    log.error('overrides.late', { changeId: change.id })
    const { currentPeriod } = await subscriptions.get(mode, change.subscriptionId)
    const effectiveAt = currentPeriod?.endsAt ?? change.effectiveAt
    await changes.update(database.db, mode, change.id, { effectiveAt }, now)
  }

  /** The plan's own terms from the end of the period in which what was agreed runs out. */
  async function endOverrides(mode: Mode, id: string): Promise<void> {
    const caller = systemCaller(mode)
    const request = { overrides: NO_OVERRIDES, timing: 'at_period_end' } as const
    const { change } = await previews.previewOverrides(caller, id, request)
    await self.execute(caller, id, change.id, 'overrides')
  }

  async function takeBack(caller: Caller, change: PlanChange): Promise<void> {
    const { mode } = caller
    await carryOut.takeBack(mode, change)
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, change.customerId)
      const current = await changes.find(mode, change.id, tx)
      // Paid in the last moment, or given up by Stripe in the same one.
      if (current === undefined || current.state === 'applied') return
      const now = accounts.now(customer)
      const update = { state: 'canceled', paymentUrl: null } as const
      await changes.update(tx, mode, change.id, update, now)
      await audit.record(tx, caller, {
        action: 'subscription.change_taken_back',
        targetKind: 'subscription',
        targetId: change.subscriptionId,
        customerId: change.customerId,
        before: { changeId: change.id, state: change.state },
      })
    })
  }

  /** One that fails is tried again and holds up no other. */
  async function attempt({ id }: PlanChange, work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => log.error('change.unfinished', { changeId: id, error }))
  }
}
