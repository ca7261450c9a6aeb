import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../../kit/clock.ts'
import { newId } from '../../../kit/id.ts'
import { type Instant, MINUTE_MS, SECOND_MS } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { Log } from '../../../platform/log.ts'
import type { StripeSubscription } from '../../../stripe/subscriptions.ts'
import type { Connected } from '../../connections/service.ts'
import type { Findings } from '../../findings/service.ts'
import { givesWay } from '../../subscriptions/changes/plan-change.ts'
import { collectionIn } from '../../subscriptions/changes/stripe-change.ts'
import type { Subscriptions } from '../../subscriptions/service.ts'
import type { Subscription } from '../../subscriptions/subscription.ts'
import { createPhaseFindings } from './findings.service.ts'
import { hashOfPhases, type PhaseSchedule, schedulePhases } from './phase-schedule.ts'
import { createWantedPhases, type Wanted, type WantedPhasesDeps } from './wanted-phases.service.ts'
import * as store from './store.ts'

const MAX_PER_RUN = 100
/** Whoever asks Stripe has died when that has passed. */
const APART_MS = MINUTE_MS
/** How long somebody waits for another who asks Stripe at the same moment, and how often they look. */
const PATIENCE_MS = 10 * SECOND_MS
const LOOK_MS = 100

interface PhaseSchedulesDeps extends WantedPhasesDeps {
  readonly findings: Findings
  readonly log: Log
  readonly subscriptions: Subscriptions
  readonly systemClock: Clock
}

export type PhaseSchedules = ReturnType<typeof createPhaseSchedules>

/** Has Stripe charge each phase of a plan from its beginning on. */
export function createPhaseSchedules(deps: PhaseSchedulesDeps) {
  const { accounts, catalog, changes, connections, database, log } = deps
  const { stripePrices, subscriptions, systemClock } = deps
  const { stripeOf, wantedFor } = createWantedPhases(deps)
  const { reportBehind, reportForeign } = createPhaseFindings(deps)

  async function isChanging(mode: Mode, id: string, db: Db): Promise<boolean> {
    const open = await changes.findOpen(mode, id, db)
    return open !== undefined && !(givesWay(open) && open.stripeScheduleId === null)
  }

  /** The row as it is then, if nobody else asks Stripe at that moment. */
  async function locked<Result>(
    { mode, id, customerId }: Subscription,
    work: (tx: Db, before: PhaseSchedule | undefined, now: Instant) => Promise<Result>,
  ): Promise<Result | 'busy'> {
    return database.transaction(async (tx) => {
      await accounts.lock(tx, mode, customerId)
      const before = await store.find(tx, mode, id)
      const now = systemClock.now()
      if ((before?.apartUntil ?? 0) > now) return 'busy'
      return work(tx, before, now)
    })
  }

  /** Written down before Stripe is asked; undefined where there is nothing to ask. */
  async function claim(
    seen: Subscription,
    { coming, stripe }: Wanted,
  ): Promise<(PhaseSchedule & { readonly isAskedAgain: boolean }) | undefined> {
    const { mode, id } = seen
    const hash = hashOfPhases(seen, coming)
    const claimed = await locked(seen, async (tx, before, now) => {
      const { version } = await subscriptions.get(mode, id, tx)
      if (version !== seen.version || (await isChanging(mode, id, tx))) return undefined
      const isAskedAgain = before?.state === 'asking'
      const row: PhaseSchedule = {
        subscriptionId: id,
        attemptId: newId('schedule', now),
        state: 'asking',
        stripeScheduleId: before?.stripeScheduleId ?? null,
        stripePaymentMethodId: stripe.paymentMethodId,
        hash,
        subscriptionVersion: version,
        apartUntil: now + APART_MS,
        updatedAt: now,
      }
      const known = before?.stripeScheduleId ?? null
      const isThere = known !== null && stripe.scheduleId === known
      const isCharged = before?.stripePaymentMethodId === stripe.paymentMethodId
      const isSame = hash === null ? known === null : before?.hash === hash && isThere && isCharged
      const isForeign = stripe.scheduleId !== null && !isThere && !isAskedAgain
      if ((isSame && !isAskedAgain) || isForeign) {
        const state = isSame && known !== null ? ('set' as const) : ('none' as const)
        const kept = isForeign ? { stripeScheduleId: null, hash: null } : {}
        await store.save(tx, mode, { ...row, ...kept, state, apartUntil: null })
        if (isForeign && hash !== null) await reportForeign(tx, seen, stripe)
        return undefined
      }
      await store.save(tx, mode, row)
      return { ...row, isAskedAgain }
    })
    return claimed === 'busy' ? undefined : claimed
  }

  /** Has in Stripe what is wanted there, from the row that says so to the row that says it is done. */
  async function keep(connected: Connected, subscription: Subscription): Promise<void> {
    const { mode } = subscription
    const { api } = connected
    const wanted = await wantedFor(connected, subscription)
    if (wanted === undefined) return forget(subscription)
    const { stripe, coming } = wanted
    const [first] = coming
    const now = accounts.now(await accounts.get(mode, subscription.customerId))
    // It is about to renew; what it renews with is too late to say.
    if (first !== undefined && first.startsAt <= now && stripe.scheduleId === null) return
    const attempt = await claim(subscription, wanted)
    if (attempt === undefined) return
    if (wanted.isBehind) await reportBehind(subscription, stripe)
    const { isAskedAgain, ...row } = attempt
    const there = isAskedAgain ? stripe.scheduleId : row.stripeScheduleId
    if (there !== null) await api.subscriptionChanges.release(there)
    const isWanted = first !== undefined && first.startsAt > now
    const stripeScheduleId = isWanted ? await schedule() : null
    await settle(subscription, {
      ...row,
      state: stripeScheduleId === null ? 'none' : 'set',
      stripeScheduleId,
    })

    async function schedule(): Promise<string> {
      const { items, discountIds } = stripe
      const known = await changes.knownItems(connected, stripe, database.db)
      await stripePrices.wake(connected, [...known, ...coming.flatMap(({ prices }) => prices)])
      const current = { items, discountIds, collection: collectionIn(stripe) }
      const phases = schedulePhases(current, coming)
      return api.subscriptionChanges.schedule(stripe.id, phases, row.attemptId)
    }
  }

  async function settle({ mode }: Subscription, row: PhaseSchedule): Promise<void> {
    const updatedAt = systemClock.now()
    await store.save(database.db, mode, { ...row, apartUntil: null, updatedAt })
  }

  /** Stripe has nothing that could be scheduled. */
  async function forget(subscription: Subscription): Promise<void> {
    const { mode, id, version } = subscription
    await locked(subscription, async (tx, before, now) => {
      await store.save(tx, mode, {
        subscriptionId: id,
        attemptId: before?.attemptId ?? newId('schedule', now),
        state: 'none',
        stripeScheduleId: null,
        stripePaymentMethodId: null,
        hash: null,
        subscriptionVersion: version,
        apartUntil: null,
        updatedAt: now,
      })
    })
  }

  /** Nobody but the caller asks Stripe about it until `apartUntil`; undefined where the plan has one phase only. */
  async function hold(subscription: Subscription): Promise<PhaseSchedule | undefined> {
    const { mode, id, planVersionId } = subscription
    const known = await store.find(database.db, mode, id)
    const { definition } = await catalog.getVersion(mode, planVersionId)
    if (known === undefined && definition.phases.length < 2) return undefined
    for (const until = systemClock.now() + PATIENCE_MS; ;) {
      const isLast = systemClock.now() >= until
      const held = await locked(subscription, async (tx, before, now) => {
        const row: PhaseSchedule = {
          subscriptionId: id,
          attemptId: before?.attemptId ?? newId('schedule', now),
          state: before?.state === 'none' || before === undefined ? 'none' : 'asking',
          stripeScheduleId: before?.stripeScheduleId ?? null,
          stripePaymentMethodId: null,
          hash: null,
          subscriptionVersion: 0,
          apartUntil: now + APART_MS,
          updatedAt: now,
        }
        await store.save(tx, mode, row)
        return row
      })
      if (held !== 'busy') return held
      if (isLast) return undefined
      await sleep(LOOK_MS)
    }
  }

  async function letGo(subscription: Subscription, row: PhaseSchedule): Promise<PhaseSchedule> {
    if (row.state === 'none') return row
    const connected = await connections.stripe(subscription.mode)
    const stripe = await stripeOf(connected, subscription)
    const there = stripe?.scheduleId ?? row.stripeScheduleId
    if (there !== null) await connected.api.subscriptionChanges.release(there)
    const free = { ...row, state: 'none' as const, stripeScheduleId: null }
    await store.save(database.db, subscription.mode, free)
    return free
  }

  async function attempt(mode: Mode, id: string): Promise<void> {
    try {
      await keep(await connections.stripe(mode), await subscriptions.get(mode, id))
    } catch (error) {
      log.error('phases.not_scheduled', { subscriptionId: id, error })
    }
  }

  return {
    /** Asks something of Stripe that a schedule would stand in the way of. It comes back when that is done. */
    async aside<Result>(subscription: Subscription, work: () => Promise<Result>): Promise<Result> {
      if (subscription.engine !== 'stripe_subscription') return work()
      const held = await hold(subscription)
      if (held === undefined) return work()
      const free = await letGo(subscription, held)
      try {
        return await work()
      } finally {
        await settle(subscription, free)
      }
    },

    /** Stripe's subscription was looked at. Somebody took the schedule away, or put another card in place. */
    async seen(tx: Db, { mode, id }: Subscription, stripe: StripeSubscription): Promise<void> {
      const row = await store.find(tx, mode, id)
      if (row?.state !== 'set') return
      const isSame =
        row.stripeScheduleId === stripe.scheduleId &&
        row.stripePaymentMethodId === stripe.paymentMethodId
      if (!isSame) await store.save(tx, mode, { ...row, subscriptionVersion: 0 })
    },

    find: (mode: Mode, subscriptionId: string): Promise<PhaseSchedule | undefined> =>
      store.find(database.db, mode, subscriptionId),

    /** Looks whether Stripe still has what it was asked for, and asks again where it has not. */
    check: attempt,

    async runDue(mode: Mode): Promise<void> {
      if (!(await connections.isConnected(mode))) return
      const now = systemClock.now()
      for (const id of await store.listUndecided(database.db, mode, now, MAX_PER_RUN)) {
        await attempt(mode, id)
      }
    },

    /** What is due is due at once. */
    nextDue: (): Promise<Instant | undefined> => Promise.resolve(undefined),
  }
}
