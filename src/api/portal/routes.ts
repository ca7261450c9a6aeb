import { formatInstant } from '../../kit/instant.ts'
import { AppError } from '../../errors.ts'
import type { Coupon } from '../../domain/coupons/coupon.ts'
import type { PaymentProblem } from '../../domain/dunning/service.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import { previewInvoiceToApi } from '../plan-changes.ts'
import { planAsAgreed } from '../overrides.ts'
import { offeredPlans, planWords } from '../public/routes.ts'
import type { Services } from '../services.ts'
import { instantIn, iso, moneyToApi, quotaToApi, subscriptionToApi } from '../to-api.ts'
import { accountOf } from './account.ts'
import { alertsOf } from './alerts.ts'

/** A portal user's own account: who they are, what they have, what they buy. */
export function portalRoutes(services: Services): Implementation[] {
  const { accounts, cancellations, catalog, dunning, invitedPlans, keys, pauses, quotaUsages } =
    services
  const { purchaseOffers, subscriptions, surroundings } = services

  async function ownSubscription(mode: 'test' | 'live', customerId: string) {
    const subscription = await subscriptions.findOpen(mode, customerId)
    if (subscription === undefined) throw new AppError('no_active_subscription', {})
    return subscription
  }

  return [
    implement(contract.getPortalSession, async (_, { caller, user }) => ({
      user: {
        id: user.userId,
        name: user.name,
        email: user.email,
        isEmailVerified: user.isEmailVerified,
      },
      mode: caller.mode,
      account: await accountOf(accounts, caller.mode, user.userId),
    })),

    implement(contract.createAccount, async ({ body }, { caller, user }) => {
      const existing = await accountOf(accounts, caller.mode, user.userId)
      if (existing !== null) return existing
      const { id, name, email, timeZone } = await accounts.create(caller, {
        ...body,
        email: user.email,
        ownerUserId: user.userId,
      })
      return { id, name, email, role: 'owner' as const, timeZone }
    }),

    implement(contract.updateAccount, async ({ body }, { caller, customerId, user }) => {
      await accounts.update(caller, customerId, body)
      const account = await accountOf(accounts, caller.mode, user.userId)
      if (account === null) throw new AppError('no_account', {})
      return account
    }),

    implement(contract.getOverview, async (_, { caller, customerId }) => {
      const { mode } = caller
      const customer = await accounts.get(mode, customerId)
      const subscription = await subscriptions.findLatest(mode, customerId)
      const quotas = subscription === undefined ? [] : await quotaUsages.of(customer, subscription)
      const now = accounts.now(customer)
      const version = subscription && (await catalog.getVersion(mode, subscription.planVersionId))
      const inWords = await planWords(services, mode)
      const all = await keys.list(mode, customerId)
      const problem = await dunning.problemOf(mode, customerId)
      return {
        now: formatInstant(now),
        subscription:
          subscription === undefined ? null : await subscriptionToApi(services, subscription),
        plan:
          version === undefined || subscription === undefined
            ? null
            : inWords(planAsAgreed(version, subscription.overrides)),
        quotas: quotas.map(quotaToApi),
        alerts: alertsOf(customer, subscription, quotas, now),
        paymentProblem: problem === undefined ? null : problemToApi(problem),
        unrevealedKeyIds: await keys.unrevealed(mode, customerId),
        hasCalled: all.some(({ lastUsedAt }) => lastUsedAt !== null),
      }
    }),

    implement(contract.listPortalPlans, async (_, { caller, customerId }) => {
      const current = await subscriptions.findOpen(caller.mode, customerId)
      const invited = await invitedPlans.keys(caller.mode, customerId)
      const { currency } = await accounts.get(caller.mode, customerId)
      return {
        data: await offeredPlans(services, caller.mode, invited),
        currentPlanKey: current?.planKey ?? null,
        currency,
      }
    }),

    implement(contract.subscribe, async ({ body }, { caller, customerId }) => {
      const portal = `${surroundings.consoleUrl}/portal`
      const result = await subscriptions.subscribe(caller, {
        customerId,
        ...body,
        successUrl: `${portal}/checkout/{intent}`,
        cancelUrl: `${portal}/plans?left={intent}`,
      })
      if (result.kind === 'checkout') return result
      return {
        kind: 'active' as const,
        subscription: await subscriptionToApi(services, result.subscription),
      }
    }),

    implement(contract.previewPurchase, async ({ body }, { caller, customerId }) => {
      const offer = await purchaseOffers.of(caller.mode, { customerId, ...body })
      const { currency, coupon, invoice } = offer
      return {
        currency,
        coupon: coupon && couponWords(coupon),
        invoice: invoice && previewInvoiceToApi(invoice, currency),
      }
    }),

    implement(contract.getCheckout, async ({ params }, { caller, customerId }) => {
      const { mode } = caller
      const intent = await subscriptions.intent(mode, customerId, params.intentId)
      const { planKey } = await catalog.getVersion(mode, intent.planVersionId)
      const subscription =
        intent.subscriptionId === null
          ? undefined
          : await subscriptions.find(mode, intent.subscriptionId)
      return {
        id: intent.id,
        state: intent.state,
        planKey,
        subscription:
          subscription === undefined ? null : await subscriptionToApi(services, subscription),
        createdAt: formatInstant(intent.createdAt),
      }
    }),

    implement(
      contract.cancelOwnSubscription,
      async (_, { caller, customerId, expectedVersion }) => {
        const { id } = await ownSubscription(caller.mode, customerId)
        return subscriptionToApi(
          services,
          await cancellations.cancel(caller, id, 'default', expectedVersion),
        )
      },
    ),

    implement(contract.pauseOwnSubscription, async ({ body }, context) => {
      const { caller, customerId, expectedVersion } = context
      const { id } = await ownSubscription(caller.mode, customerId)
      const request = { resumesAt: instantIn(body.resumesAt), isCustomers: true }
      return subscriptionToApi(services, await pauses.pause(caller, id, request, expectedVersion))
    }),

    implement(
      contract.resumeOwnSubscription,
      async (_, { caller, customerId, expectedVersion }) => {
        const { id } = await ownSubscription(caller.mode, customerId)
        return subscriptionToApi(services, await pauses.resume(caller, id, expectedVersion))
      },
    ),
  ]
}

function couponWords({ definition: { name, off, duration } }: Coupon) {
  return {
    name,
    off: off.type === 'amount' ? { ...off, amounts: { ...off.amounts } } : off,
    duration,
  }
}

function problemToApi({ invoice, ...problem }: PaymentProblem) {
  return {
    ...problem,
    invoiceId: invoice.id,
    amount: moneyToApi(invoice.amountDueMinor - invoice.amountPaidMinor, invoice.currency),
    openedAt: formatInstant(problem.openedAt),
    dueAt: iso(problem.dueAt),
    blocksAt: iso(problem.blocksAt),
    nextAttemptAt: iso(problem.nextAttemptAt),
    payUrl: invoice.hostedUrl,
  }
}
