import { notFound } from '../../errors.ts'
import { DAY_MS, formatInstant } from '../../kit/instant.ts'
import { boundary, duration } from '../../kit/period.ts'
import { hasPermission } from '../../domain/operators/operator.ts'
import { settingKey } from '../../domain/settings/setting.ts'
import { contract } from '../contract/contract.ts'
import type { Permission } from '../contract/route.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { auditEntryToApi, DONE, eventToApi, iso } from '../to-api.ts'

const PERMISSIONS: readonly Permission[] = [
  'read',
  'catalog.write',
  'customers.write',
  'keys.write',
  'subscriptions.write',
  'payments.write',
  'usage.write',
  'webhooks.write',
  'settings.write',
  'audit.read',
  'clock.write',
  'operators.write',
]

/** Operators and their tokens, the webhook inbox, audit, settings, the Stripe connection, the clock. */
export function systemRoutes(services: Services): Implementation[] {
  const {
    audit,
    catalog,
    clocks,
    connections,
    inbox,
    operators,
    settings,
    stripeCustomers,
    subscriptions,
    accounts,
  } = services
  const { timeTravel, surroundings } = services

  function keyOf(name: string) {
    const key = settingKey(name)
    if (key === undefined) throw notFound('setting')
    return key
  }

  return [
    implement(contract.getOperatorSession, async (_, { caller, operator }) => ({
      operator: { ...operator, roles: [...operator.roles] },
      mode: caller.mode,
      permissions: PERMISSIONS.filter((permission) => hasPermission(operator.roles, permission)),
    })),

    implement(contract.listOperators, async () => ({
      data: (await operators.list()).map((entry) => ({
        ...entry,
        roles: [...entry.roles],
        createdAt: formatInstant(entry.createdAt),
      })),
    })),

    implement(contract.listTokens, async (_, { operator }) => ({
      data: (await operators.tokens(operator.id)).map(tokenToApi),
    })),

    implement(contract.issueToken, async ({ body }, { operator }) => {
      const { expiresInDays } = body
      const expiresAt = expiresInDays === null ? null : Date.now() + expiresInDays * DAY_MS
      const { token, secret } = await operators.issueToken(operator.id, body.name, expiresAt)
      return { token: tokenToApi(token), secret }
    }),

    implement(contract.revokeToken, async ({ params }, { operator }) => {
      await operators.revokeToken(operator.id, params.tokenId)
      return DONE
    }),

    implement(contract.getSummary, async (_, { caller }) => {
      const { mode } = caller
      const [backlog, plans, isConnected] = await Promise.all([
        inbox.backlog(mode),
        catalog.plans(mode),
        connections.isConnected(mode),
      ])
      const failed = backlog.filter(({ state }) => state === 'failed' || state === 'dead')
      const drafts = plans.filter(({ draft }) => draft !== null).length
      const todo = [
        {
          kind: 'webhooks_failed' as const,
          count: failed.reduce((sum, { count }) => sum + count, 0),
        },
        { kind: 'drafts_unpublished' as const, count: drafts },
        { kind: 'stripe_not_connected' as const, count: isConnected ? 0 : 1 },
      ]
      return {
        now: formatInstant(clocks.now(mode)),
        activeSubscriptions: await subscriptions.countOpen(mode),
        customers: await accounts.count(mode),
        todo: todo.filter(({ count }) => count > 0),
      }
    }),

    implement(contract.listWebhookEvents, async ({ query }, { caller }) => {
      const filter = { state: query.state, type: query.type }
      const { data, nextCursor } = await inbox.list(caller.mode, filter, query)
      return { data: data.map(eventToApi), nextCursor }
    }),

    implement(contract.getWebhookEvent, async ({ params }, { caller }) => {
      const { mode } = caller
      const { body, ...event } = await inbox.get(mode, params.eventId)
      const { stripeCustomerId } = event
      const customerId =
        stripeCustomerId === null || !(await connections.isConnected(mode))
          ? undefined
          : await stripeCustomers.find(await connections.stripe(mode), stripeCustomerId)
      const customer = customerId && (await accounts.find(mode, customerId))
      return {
        ...eventToApi(event),
        body,
        customer: customer ? { id: customer.id, name: customer.name } : null,
      }
    }),

    implement(contract.replayWebhookEvent, async ({ params }, { caller }) => {
      await inbox.replay(caller, params.eventId)
      return DONE
    }),

    implement(contract.listAuditEntries, async ({ query }, { caller }) => {
      const { data, nextCursor } = await audit.list(caller.mode, query, query)
      return { data: data.map(auditEntryToApi), nextCursor }
    }),

    implement(contract.verifyAudit, async (_, { caller }) => {
      const broken = await audit.verify(caller.mode)
      return { isIntact: broken === undefined, brokenAtId: broken?.id ?? null }
    }),

    implement(contract.listSettings, async (_, { caller }) => ({
      data: (await settings.list(caller.mode)).map((entry) => ({
        ...entry,
        updatedAt: iso(entry.updatedAt),
      })),
    })),

    implement(contract.setSetting, async ({ params, body }, { caller }) => {
      await settings.set(caller, keyOf(params.settingKey), body.value)
      return DONE
    }),

    implement(contract.deleteSetting, async ({ params }, { caller }) => {
      await settings.remove(caller, keyOf(params.settingKey))
      return DONE
    }),

    implement(contract.getStripeConnection, async (_, { caller }) => {
      const view = await connections.view(caller.mode)
      const backlog = await inbox.backlog(caller.mode)
      return { ...view, keySince: iso(view.keySince), backlog }
    }),

    implement(contract.connectStripe, async ({ body }, { caller }) => {
      await connections.connect(caller, body.secretKey)
      return DONE
    }),

    implement(contract.getClock, async (_, { caller }) => ({
      now: formatInstant(clocks.now(caller.mode)),
      isMovable: caller.mode === 'test' && (await connections.view('test')).isSimulated,
    })),

    implement(contract.advanceClock, async ({ body }) => {
      const now = clocks.now('test')
      const to = 'by' in body ? boundary(now, duration(body.by), 1) : Date.parse(body.to)
      return { now: formatInstant(await timeTravel.advance(to)) }
    }),

    implement(contract.listMailbox, async () => {
      if (surroundings.mailbox === undefined) throw notFound('mailbox')
      const messages = await surroundings.mailbox()
      return { data: messages.map((mail) => ({ ...mail, sentAt: formatInstant(mail.sentAt) })) }
    }),
  ]
}

function tokenToApi(token: Awaited<ReturnType<Services['operators']['tokens']>>[number]) {
  return {
    ...token,
    createdAt: formatInstant(token.createdAt),
    expiresAt: iso(token.expiresAt),
    lastUsedAt: iso(token.lastUsedAt),
  }
}
