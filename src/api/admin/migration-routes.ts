import { formatInstant } from '../../kit/instant.ts'
import type { MemberPreview } from '../../domain/migrations/service.ts'
import type { Migration } from '../../domain/migrations/migration.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { iso, moneyToApi } from '../to-api.ts'

const MAX_PREVIEWED = 100

/** Moving the subscribers of a plan to another version. */
export function migrationRoutes({ catalog, migrations }: Services): Implementation[] {
  async function toApi(migration: Migration) {
    const { mode, id, planKey, timing, noticeDays, state, createdAt, finishedAt } = migration
    const { version } = await catalog.getVersion(mode, migration.toVersionId)
    const counts = await migrations.counts(mode, id)
    return {
      id,
      planKey,
      toVersion: version,
      timing,
      noticeDays,
      state,
      counts: {
        waiting: counts.get('waiting') ?? 0,
        scheduled: counts.get('scheduled') ?? 0,
        moved: counts.get('moved') ?? 0,
        excluded: counts.get('excluded') ?? 0,
        skipped: counts.get('skipped') ?? 0,
        canceled: counts.get('canceled') ?? 0,
      },
      createdAt: formatInstant(createdAt),
      finishedAt: iso(finishedAt),
    }
  }

  return [
    implement(contract.previewMigration, async ({ params, body }, { caller }) => {
      const request = { planKey: params.planKey, ...body }
      const { to, memberCount, members } = await migrations.preview(
        caller.mode,
        request,
        MAX_PREVIEWED,
      )
      return { toVersion: to.version, memberCount, members: members.map(previewToApi) }
    }),
    implement(contract.startMigration, async ({ params, body }, { caller }) =>
      toApi(await migrations.start(caller, { planKey: params.planKey, ...body })),
    ),
    implement(contract.listMigrations, async ({ query }, { caller }) => {
      const { data, nextCursor } = await migrations.list(caller.mode, query.planKey, query)
      return { data: await Promise.all(data.map(toApi)), nextCursor }
    }),
    implement(contract.getMigration, async ({ params }, { caller }) =>
      toApi(await migrations.get(caller.mode, params.migrationId)),
    ),
    implement(contract.listMigrationMembers, async ({ params, query }, { caller }) => {
      const page = await migrations.members(caller.mode, params.migrationId, query)
      const data = page.data.map((member) => ({ ...member, noticedAt: iso(member.noticedAt) }))
      return { data, nextCursor: page.nextCursor }
    }),
    implement(contract.excludeFromMigration, async ({ params, body }, { caller }) => {
      await migrations.exclude(caller, params.migrationId, body.customerId)
      return toApi(await migrations.get(caller.mode, params.migrationId))
    }),
    implement(contract.cancelMigration, async ({ params }, { caller }) =>
      toApi(await migrations.cancel(caller, params.migrationId)),
    ),
  ]
}

function previewToApi(preview: MemberPreview) {
  const { subscription, from, effectiveAt, refusal } = preview
  const { currency } = subscription
  return {
    subscriptionId: subscription.id,
    customerId: subscription.customerId,
    fromVersion: from.version,
    monthlyBefore: moneyToApi(preview.monthlyBeforeMinor, currency),
    monthlyAfter: moneyToApi(preview.monthlyAfterMinor, currency),
    dueNow: moneyToApi(preview.dueNowMinor, currency),
    effectiveAt: iso(effectiveAt),
    refusal,
  }
}
