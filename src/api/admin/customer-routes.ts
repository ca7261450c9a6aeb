import { notFound } from '../../errors.ts'
import type { Customer } from '../../domain/accounts/customer.ts'
import type { Caller } from '../../domain/audit/caller.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import {
  customerToApi,
  DONE,
  happeningToApi,
  keyToApi,
  quotaToApi,
  subscriptionToApi,
  usageToApi,
} from '../to-api.ts'

interface CustomerQuery {
  readonly search?: string | undefined
  readonly ids?: string | undefined
}

/** Customers and their keys, as operators see them. */
export function customerRoutes(services: Services): Implementation[] {
  const { accounts, connections, keys, quotaUsages, subscriptions, timeline } = services

  async function filterOf({ mode }: Caller, { search, ids }: CustomerQuery) {
    const asked = ids?.split(',')
    if (search?.startsWith('cus_') !== true) return { search, ids: asked }
    const { account } = await connections.view(mode)
    const scope = account === null ? undefined : { mode, account }
    const id = scope && (await connections.entityId(scope, 'customer', search))
    // Whoever was found by the Stripe id must still be among the ids asked for, if there were any.
    return { search: id ?? search, ids: asked }
  }

  async function stripeIdOf({ mode, id }: Customer): Promise<string | null> {
    const { account } = await connections.view(mode)
    if (account === null) return null
    return (await connections.externalId({ mode, account }, 'customer', id)) ?? null
  }

  return [
    implement(contract.listCustomers, async ({ query }, { caller }) => {
      const { data, nextCursor } = await accounts.list(
        caller.mode,
        await filterOf(caller, query),
        query,
      )
      return { data: data.map(customerToApi), nextCursor }
    }),

    implement(contract.createCustomer, async ({ body }, { caller }) =>
      customerToApi(await accounts.create(caller, body)),
    ),

    implement(contract.getCustomer, async ({ params }, { caller }) => {
      const { mode } = caller
      const customer = await accounts.get(mode, params.customerId)
      const subscription = await subscriptions.findLatest(mode, customer.id)
      const quotas = subscription === undefined ? [] : await quotaUsages.of(customer, subscription)
      return {
        ...customerToApi(customer),
        subscription:
          subscription === undefined ? null : await subscriptionToApi(services, subscription),
        quotas: quotas.map(quotaToApi),
        members: await accounts.members(mode, customer.id),
        stripeCustomerId: await stripeIdOf(customer),
      }
    }),

    implement(contract.getCustomerTimeline, async ({ params, query }, { caller }) => {
      const customer = await accounts.get(caller.mode, params.customerId)
      const stripeId = await stripeIdOf(customer)
      const { data, nextCursor } = await timeline.of(customer, stripeId, query.kind, query)
      return { data: data.map(happeningToApi), nextCursor }
    }),

    implement(contract.updateCustomer, async ({ params, body }, { caller }) =>
      customerToApi(await accounts.update(caller, params.customerId, body)),
    ),

    implement(contract.suspendCustomer, async ({ params, body }, { caller }) => {
      await accounts.suspend(caller, params.customerId, body.reason, body.note)
      return customerToApi(await accounts.get(caller.mode, params.customerId))
    }),

    implement(contract.reinstateCustomer, async ({ params, body }, { caller }) => {
      await accounts.reinstate(caller, params.customerId, body.reason)
      return customerToApi(await accounts.get(caller.mode, params.customerId))
    }),

    implement(contract.listCustomerKeys, async ({ params }, { caller }) => {
      await accounts.get(caller.mode, params.customerId)
      return { data: (await keys.list(caller.mode, params.customerId)).map(keyToApi) }
    }),

    implement(contract.issueCustomerKey, async ({ params, body }, { caller }) => {
      const { id: customerId } = await accounts.get(caller.mode, params.customerId)
      const subscription = await subscriptions.findOpen(caller.mode, customerId)
      const input = { customerId, subscriptionId: subscription?.id ?? null, name: body.name }
      const { key, secret } = await keys.issue(caller, input)
      return { key: keyToApi(key), secret }
    }),

    implement(contract.rotateCustomerKey, async ({ params, body }, { caller }) => {
      const { customerId, keyId } = params
      const { key, secret } = await keys.rotate(caller, customerId, keyId, body.overlapHours)
      return { key: keyToApi(key), secret }
    }),

    implement(contract.revokeCustomerKey, async ({ params }, { caller }) =>
      keyToApi(await keys.revoke(caller, params.customerId, params.keyId)),
    ),

    implement(contract.getCustomerUsage, ({ params, query }, { caller }) =>
      usageToApi(services, caller.mode, params.customerId, query),
    ),

    implement(contract.deleteMapping, async ({ params }, { caller }) => {
      const wasThere = await connections.unmap(caller, 'customer', params.customerId)
      if (!wasThere) throw notFound('mapping')
      return DONE
    }),
  ]
}
