import { AppError, notFound } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { PageRequest } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Changes } from '../billing/change/changes.service.ts'
import type { PlanVersion } from '../catalog/plan.ts'
import type { Audiences, Meant } from './audience.service.ts'
import type { Member, MemberState, Migration, MigrationRequest } from './migration.ts'
import type { Steps } from './steps.service.ts'
import * as store from './store.ts'

/** Steps of one migration in one run; the next run goes on with the others. */
const MAX_STEPS_PER_RUN = 1_000
const PAGE = 100
const QUEUE = 'migration.begin'

interface MigrationsDeps {
  readonly accounts: Accounts
  readonly audiences: Audiences
  readonly audit: Audit
  readonly changes: Changes
  readonly clocks: Clocks
  readonly database: Database
  readonly jobs: Jobs
  readonly steps: Steps
}

/** What a migration would do to one subscriber. */
export interface MemberPreview extends Meant {
  readonly effectiveAt: Instant | null
  /** Charged with the move; credits are negative. */
  readonly dueNowMinor: bigint
  /** Why it would be left out; null where it would not. */
  readonly refusal: string | null
}

export interface MigrationPreview {
  readonly to: PlanVersion
  readonly memberCount: number
  readonly members: readonly MemberPreview[]
}

export type Migrations = ReturnType<typeof createMigrations>

/** Moving the subscribers of a plan to another version of it. */
export function createMigrations(deps: MigrationsDeps) {
  const { accounts, audiences, audit, changes, clocks, database, jobs, steps } = deps

  async function get(mode: Mode, id: string, db: Db = database.db): Promise<Migration> {
    const migration = await store.find(db, mode, id)
    if (migration === undefined) throw notFound('migration')
    return migration
  }

  async function previewOf(
    meant: Meant,
    to: PlanVersion,
    { timing }: MigrationRequest,
  ): Promise<MemberPreview> {
    const asked = timing === 'immediate' ? 'immediate' : 'at_period_end'
    try {
      const offer = await changes.rehearse(meant.subscription, to, asked)
      if ('kind' in offer) {
        return { ...meant, effectiveAt: null, dueNowMinor: 0n, refusal: offer.code }
      }
      const { effectiveAt } = offer.quote
      const dueNowMinor = offer.invoice?.totalMinor ?? 0n
      return { ...meant, effectiveAt, dueNowMinor, refusal: null }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      return { ...meant, effectiveAt: null, dueNowMinor: 0n, refusal: error.code }
    }
  }

  /** Takes back what is under way for a member, then says what became of it. */
  async function stop(
    caller: Caller,
    member: Member,
    state: Extract<MemberState, 'excluded' | 'canceled'>,
    reason: string,
  ): Promise<void> {
    const { mode, subscriptionId, customerId } = member
    const change = member.changeId === null ? undefined : await changes.find(mode, member.changeId)
    const open = await changes.findOpen(mode, subscriptionId)
    if (change !== undefined && open?.id === change.id) {
      await changes.takeBack(caller, subscriptionId)
    }
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const current = await store.findMember(tx, mode, member.migrationId, subscriptionId)
      const isOpen = current?.state === 'waiting' || current?.state === 'scheduled'
      if (!isOpen) return
      // It may have taken effect in the last moment.
      const last = change === undefined ? undefined : await changes.find(mode, change.id, tx)
      const moved = last?.state === 'applied'
      const outcome = moved ? { state: 'moved' as const, reason: null } : { state, reason }
      await store.updateMember(tx, member, outcome, accounts.now(customer))
      await audit.record(tx, caller, {
        action: 'migration.member_stopped',
        targetKind: 'migration',
        targetId: member.migrationId,
        customerId,
        after: { subscriptionId, ...outcome },
      })
    })
  }

  async function eachOpen(
    { mode, id }: Migration,
    max: number,
    work: (member: Member) => Promise<void>,
  ): Promise<number> {
    let after = ''
    let count = 0
    while (count < max) {
      const members = await store.listOpenMembers(database.db, mode, id, after, PAGE)
      for (const member of members) await work(member)
      count += members.length
      after = members.at(-1)?.subscriptionId ?? after
      if (members.length < PAGE) break
    }
    return count
  }

  /** Every member as far as it can go now. */
  async function run(migration: Migration): Promise<void> {
    const open = await eachOpen(migration, MAX_STEPS_PER_RUN, (member) =>
      steps.take(migration, member),
    )
    if (open > 0) return
    await store.settle(
      database.db,
      migration.mode,
      migration.id,
      'finished',
      clocks.now(migration.mode),
    )
  }

  jobs.handle(QUEUE, async ({ payload }) => {
    const { mode, id } = payload as { mode: Mode; id: string }
    const migration = await store.find(database.db, mode, id)
    if (migration?.state === 'running') await run(migration)
  })

  return {
    get,
    list: (mode: Mode, planKey: string | undefined, page: PageRequest) =>
      store.list(database.db, mode, planKey, page),
    counts: (mode: Mode, id: string) => store.countMembers(database.db, mode, id),

    async members(mode: Mode, id: string, page: PageRequest) {
      await get(mode, id)
      return store.listMembers(database.db, mode, id, page)
    },

    /** Who is meant, and what the move would do to the first `limit` of them. Nothing is written. */
    async preview(mode: Mode, request: MigrationRequest, limit: number): Promise<MigrationPreview> {
      const to = await audiences.targetOf(mode, request)
      const members: MemberPreview[] = []
      let memberCount = 0
      for await (const meant of audiences.of(mode, to, request)) {
        if (memberCount < limit) members.push(await previewOf(meant, to, request))
        memberCount++
      }
      return { to, memberCount, members }
    },

    /** Writes down who is meant; runs do the rest. */
    async start(caller: Caller, request: MigrationRequest): Promise<Migration> {
      const { mode, actor } = caller
      const { planKey, timing, noticeDays, audience } = request
      const to = await audiences.targetOf(mode, request)
      const now = clocks.now(mode)
      const migration: Migration = {
        mode,
        id: newId('migration', now),
        planKey,
        toVersionId: to.id,
        timing,
        noticeDays,
        audience,
        state: 'running',
        requestedBy: 'id' in actor ? actor.id : actor.kind,
        createdAt: now,
        finishedAt: null,
      }
      const all: Meant[] = []
      for await (const each of audiences.of(mode, to, request)) all.push(each)
      await database.transaction(async (tx) => {
        const isFirst = await store.insert(tx, migration)
        if (!isFirst) throw new AppError('migration_running', { plan: planKey })
        for (const { subscription, from } of all) {
          const member: Member = {
            mode,
            migrationId: migration.id,
            subscriptionId: subscription.id,
            customerId: subscription.customerId,
            fromVersion: from.version,
            state: 'waiting',
            reason: null,
            changeId: null,
            noticedAt: null,
          }
          await store.insertMember(tx, member, now)
        }
        // The notice begins now, not with the next run.
        await jobs.enqueue(tx, QUEUE, { mode, id: migration.id }, { key: migration.id })
        await audit.record(tx, caller, {
          action: 'migration.started',
          targetKind: 'plan',
          targetId: planKey,
          after: { migrationId: migration.id, toVersion: to.version, timing, noticeDays, audience },
        })
      })
      return migration
    },

    /** Leaves a customer where they are. */
    async exclude(caller: Caller, id: string, customerId: string): Promise<void> {
      const migration = await get(caller.mode, id)
      if (migration.state !== 'running') {
        throw new AppError('migration_over', { state: migration.state })
      }
      let count = 0
      await eachOpen(migration, Number.POSITIVE_INFINITY, async (member) => {
        if (member.customerId !== customerId) return
        count++
        await stop(caller, member, 'excluded', 'An operator left it out.')
      })
      if (count === 0) throw notFound('member of the migration that is still to be moved')
    },

    /** Nothing more takes effect; what was moved stays. */
    async cancel(caller: Caller, id: string): Promise<Migration> {
      const { mode } = caller
      const migration = await get(mode, id)
      const isFirst = await database.transaction(async (tx) => {
        const isStopped = await store.settle(tx, mode, id, 'canceled', clocks.now(mode))
        if (!isStopped) return false
        await audit.record(tx, caller, {
          action: 'migration.canceled',
          targetKind: 'plan',
          targetId: migration.planKey,
          after: { migrationId: id },
        })
        return true
      })
      if (!isFirst && migration.state === 'finished') {
        throw new AppError('migration_over', { state: migration.state })
      }
      await eachOpen(migration, Number.POSITIVE_INFINITY, (member) =>
        stop(caller, member, 'canceled', 'The migration was canceled.'),
      )
      return get(mode, id)
    },

    /** Takes every member as far as it can go now. A run that was cut off is continued by the next. */
    async runDue(mode: Mode): Promise<void> {
      for (const migration of await store.listRunning(database.db, mode)) await run(migration)
    },

    nextDue: (mode: Mode, after: Instant) => store.nextNoticeEnd(database.db, mode, after),
  }
}
