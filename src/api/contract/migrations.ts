import { z } from 'zod'
import { operator, route } from './route.ts'
import { currency, id, instant, key, money, page, pageQuery } from './values.ts'

const tag = 'Plans'
const migrationParams = z.object({ migrationId: id })

const request = z.strictObject({
  /** Null: the version on sale. */
  toVersion: z.int().min(1).nullable().default(null),
  timing: z.enum(['at_renewal', 'immediate']).default('at_renewal'),
  /** Nobody is moved earlier than this after being told. */
  noticeDays: z.int().min(0).max(366).default(30),
  audience: z
    .strictObject({
      /** Null: every version but the one they move to. */
      fromVersions: z.array(z.int().min(1)).min(1).max(500).nullable().default(null),
      currency: currency.nullable().default(null),
      customerIds: z.array(id).min(1).max(1_000).nullable().default(null),
      excludedCustomerIds: z.array(id).max(1_000).default([]),
    })
    .default({
      fromVersions: null,
      currency: null,
      customerIds: null,
      excludedCustomerIds: [],
    }),
})

const migration = z
  .object({
    id: z.string(),
    planKey: z.string(),
    toVersion: z.int(),
    timing: z.enum(['at_renewal', 'immediate']),
    noticeDays: z.int(),
    state: z.enum(['running', 'finished', 'canceled']),
    counts: z.object({
      waiting: z.int(),
      scheduled: z.int(),
      moved: z.int(),
      excluded: z.int(),
      skipped: z.int(),
      canceled: z.int(),
    }),
    createdAt: instant,
    finishedAt: instant.nullable(),
  })
  .meta({ id: 'Migration' })

const member = z.object({
  subscriptionId: z.string(),
  customerId: z.string(),
  fromVersion: z.int(),
  state: z.enum(['waiting', 'scheduled', 'moved', 'excluded', 'skipped', 'canceled']),
  reason: z.string().nullable(),
  noticedAt: instant.nullable(),
})

export const migrationRoutes = {
  previewMigration: route({
    method: 'post',
    path: '/api/v1/plans/{planKey}/migrations/preview',
    access: operator('subscriptions.write'),
    summary: 'Who a migration to another version would move, and what it would mean for each',
    tag,
    params: z.object({ planKey: key }),
    body: request,
    response: z.object({
      toVersion: z.int(),
      memberCount: z.int(),
      /** The first hundred. */
      members: z.array(
        z.object({
          subscriptionId: z.string(),
          customerId: z.string(),
          fromVersion: z.int(),
          /** Recurring fees and agreed minimums. */
          monthlyBefore: money,
          monthlyAfter: money,
          /** With the move; a credit is negative. */
          dueNow: money,
          effectiveAt: instant.nullable(),
          /** The code it would be left out for. */
          refusal: z.string().nullable(),
        }),
      ),
    }),
  }),
  startMigration: route({
    method: 'post',
    path: '/api/v1/plans/{planKey}/migrations',
    access: operator('subscriptions.write'),
    summary: 'Move subscribers of a plan to another version of it, after telling them',
    tag,
    params: z.object({ planKey: key }),
    body: request,
    response: migration,
    status: 201,
  }),
  listMigrations: route({
    method: 'get',
    path: '/api/v1/migrations',
    access: operator('read'),
    summary: 'Migrations of subscribers, newest first',
    tag,
    query: pageQuery.extend({ planKey: key.optional() }),
    response: page(migration),
  }),
  getMigration: route({
    method: 'get',
    path: '/api/v1/migrations/{migrationId}',
    access: operator('read'),
    summary: 'How far a migration is',
    tag,
    params: migrationParams,
    response: migration,
  }),
  listMigrationMembers: route({
    method: 'get',
    path: '/api/v1/migrations/{migrationId}/members',
    access: operator('read'),
    summary: 'The subscribers a migration is about',
    tag,
    params: migrationParams,
    query: pageQuery,
    response: page(member),
  }),
  excludeFromMigration: route({
    method: 'post',
    path: '/api/v1/migrations/{migrationId}/exclude',
    access: operator('subscriptions.write'),
    summary: 'Leave a customer on the version they have',
    tag,
    params: migrationParams,
    body: z.strictObject({ customerId: id }),
    response: migration,
  }),
  cancelMigration: route({
    method: 'post',
    path: '/api/v1/migrations/{migrationId}/cancel',
    access: operator('subscriptions.write'),
    summary: 'Cancel a migration; whoever is moved already stays there',
    tag,
    params: migrationParams,
    response: migration,
  }),
}
