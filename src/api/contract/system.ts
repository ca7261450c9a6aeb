import { z } from 'zod'
import { operator, route } from './route.ts'
import { done, duration, id, instant, list, mode, page, pageQuery } from './values.ts'

const role = z.enum(['super_admin', 'support_admin', 'finance_admin', 'developer', 'read_only'])

const actorKind = z.enum(['operator', 'member', 'key', 'system', 'stripe'])

export const auditEntry = z
  .object({
    id: z.string(),
    /** By the machine's clock. */
    at: instant,
    /** By the clock of the mode, which in test mode may be ahead. */
    happenedAt: instant,
    actorKind,
    actorId: z.string().nullable(),
    actorRole: z.string().nullable(),
    action: z.string(),
    targetKind: z.string(),
    targetId: z.string(),
    customerId: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    ip: z.string().nullable(),
    requestId: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' })

export const inboxEvent = z.object({
  id: z.string(),
  type: z.string(),
  objectKind: z.string(),
  objectId: z.string().nullable(),
  apiVersion: z.string().nullable(),
  occurredAt: instant,
  receivedAt: instant,
  source: z.enum(['webhook', 'poll', 'replay']),
  state: z.enum(['received', 'processed', 'ignored', 'parked', 'failed', 'dead']),
  attempts: z.int(),
  nextAt: instant,
  error: z.string().nullable(),
  settledAt: instant.nullable(),
})

const setting = z.object({
  key: z.string(),
  description: z.string(),
  isSecret: z.boolean(),
  /** Secrets show their last four characters only. */
  value: z.string().nullable(),
  source: z.enum(['environment', 'database', 'default']),
  updatedAt: instant.nullable(),
})

const token = z.object({
  id: z.string(),
  name: z.string(),
  start: z.string(),
  createdAt: instant,
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
})

export const systemRoutes = {
  getOperatorSession: route({
    method: 'get',
    path: '/api/v1/session',
    access: operator('read'),
    summary: 'The operator who is asking',
    tag: 'Operators',
    response: z.object({
      operator: z.object({
        id: z.string(),
        name: z.string(),
        email: z.string(),
        roles: z.array(role),
      }),
      mode,
      permissions: z.array(z.string()),
    }),
  }),
  listOperators: route({
    method: 'get',
    path: '/api/v1/operators',
    access: operator('read'),
    summary: 'All operators and their roles',
    tag: 'Operators',
    response: list(
      z.object({
        id: z.string(),
        name: z.string(),
        email: z.string(),
        roles: z.array(role),
        createdAt: instant,
      }),
    ),
  }),
  listTokens: route({
    method: 'get',
    path: '/api/v1/tokens',
    access: operator('read'),
    summary: 'Your API tokens',
    tag: 'Operators',
    response: list(token),
  }),
  issueToken: route({
    method: 'post',
    path: '/api/v1/tokens',
    access: operator('read'),
    summary: 'Create an API token for yourself; shown once',
    tag: 'Operators',
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      expiresInDays: z.int().min(1).max(3650).nullable().default(90),
    }),
    response: z.object({ token, secret: z.string() }),
    status: 201,
  }),
  revokeToken: route({
    method: 'delete',
    path: '/api/v1/tokens/{tokenId}',
    access: operator('read'),
    summary: 'Revoke one of your API tokens',
    tag: 'Operators',
    params: z.object({ tokenId: id }),
    response: done,
  }),
  getSummary: route({
    method: 'get',
    path: '/api/v1/summary',
    access: operator('read'),
    summary: 'The numbers of the home page, and what needs attention',
    tag: 'System',
    response: z.object({
      now: instant,
      activeSubscriptions: z.int(),
      customers: z.int(),
      todo: z.array(
        z.object({
          kind: z.enum(['webhooks_failed', 'drafts_unpublished', 'stripe_not_connected']),
          count: z.int(),
        }),
      ),
    }),
  }),
  listWebhookEvents: route({
    method: 'get',
    path: '/api/v1/webhook-events',
    access: operator('read'),
    summary: "Stripe's events, newest first",
    tag: 'Webhooks',
    query: pageQuery.extend({
      state: inboxEvent.shape.state.optional(),
      type: z.string().max(100).optional(),
    }),
    response: page(inboxEvent),
  }),
  getWebhookEvent: route({
    method: 'get',
    path: '/api/v1/webhook-events/{eventId}',
    access: operator('read'),
    summary: 'One event with its body',
    tag: 'Webhooks',
    params: z.object({ eventId: id }),
    response: inboxEvent.extend({
      body: z.unknown(),
      /** Whom it is about; null where it is about nobody, or a customer of somebody else. */
      customer: z.object({ id: z.string(), name: z.string() }).nullable(),
    }),
  }),
  replayWebhookEvent: route({
    method: 'post',
    path: '/api/v1/webhook-events/{eventId}/replay',
    access: operator('webhooks.write'),
    summary: 'Apply an event once more',
    tag: 'Webhooks',
    params: z.object({ eventId: id }),
    response: done,
    status: 202,
  }),
  listAuditEntries: route({
    method: 'get',
    path: '/api/v1/audit-entries',
    access: operator('audit.read'),
    summary: 'Who did what, newest first',
    tag: 'Audit',
    query: pageQuery.extend({
      customerId: id.optional(),
      targetKind: z.string().max(50).optional(),
      targetId: z.string().max(100).optional(),
      actorKind: actorKind.optional(),
      /** An action, or the noun all its actions begin with: `plan.published`, `plan`. */
      action: z.string().max(100).optional(),
    }),
    response: page(auditEntry),
  }),
  verifyAudit: route({
    method: 'get',
    path: '/api/v1/audit-entries/verification',
    access: operator('audit.read'),
    summary: 'Whether the chain of audit entries is unbroken',
    tag: 'Audit',
    response: z.object({ isIntact: z.boolean(), brokenAtId: z.string().nullable() }),
  }),
  listSettings: route({
    method: 'get',
    path: '/api/v1/settings',
    access: operator('read'),
    summary: 'All settings, with where each value comes from',
    tag: 'Settings',
    response: list(setting),
  }),
  setSetting: route({
    method: 'put',
    path: '/api/v1/settings/{settingKey}',
    access: operator('settings.write'),
    summary: 'Change a setting',
    tag: 'Settings',
    params: z.object({ settingKey: z.string().max(100) }),
    body: z.strictObject({ value: z.string().max(5000) }),
    response: done,
  }),
  deleteSetting: route({
    method: 'delete',
    path: '/api/v1/settings/{settingKey}',
    access: operator('settings.write'),
    summary: 'Go back to the default of a setting',
    tag: 'Settings',
    params: z.object({ settingKey: z.string().max(100) }),
    response: done,
  }),
  getStripeConnection: route({
    method: 'get',
    path: '/api/v1/stripe/connection',
    access: operator('read'),
    summary: 'Which Stripe account this mode is connected to',
    tag: 'Stripe',
    response: z.object({
      mode,
      isConnected: z.boolean(),
      isSimulated: z.boolean(),
      account: z.string().nullable(),
      keyEnding: z.string().nullable(),
      keySince: instant.nullable(),
      isKeyOld: z.boolean(),
      backlog: z.array(z.object({ state: z.string(), count: z.int() })),
    }),
  }),
  connectStripe: route({
    method: 'post',
    path: '/api/v1/stripe/connection',
    access: operator('settings.write'),
    summary: 'Connect this mode to a Stripe account; the key is checked first',
    tag: 'Stripe',
    body: z.strictObject({ secretKey: z.string().min(8).max(300) }),
    response: done,
  }),
  getClock: route({
    method: 'get',
    path: '/api/v1/clock',
    access: operator('read'),
    summary: 'What time it is in this mode',
    tag: 'System',
    response: z.object({ now: instant, isMovable: z.boolean() }),
  }),
  advanceClock: route({
    method: 'post',
    path: '/api/v1/clock/advance',
    access: operator('clock.write'),
    summary: 'Move test mode forward: Stripe, quotas and billing together',
    tag: 'System',
    body: z.union([z.strictObject({ by: duration }), z.strictObject({ to: instant })]),
    response: z.object({ now: instant }),
  }),
  listMailbox: route({
    method: 'get',
    path: '/api/v1/mailbox',
    access: { kind: 'public' },
    summary: 'Mail of this machine, while no mail server is configured',
    tag: 'System',
    response: list(
      z.object({
        id: z.string(),
        to: z.string(),
        subject: z.string(),
        text: z.string(),
        sentAt: instant,
      }),
    ),
  }),
}
