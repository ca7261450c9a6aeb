import type { Decimal } from '../../kit/decimal.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Budgets } from '../budgets/service.ts'
import { billingRule } from '../billing/billing-rule.ts'
import type { Graces } from '../billing/graces.service.ts'
import type { PlanVersion } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import type { ApiKey } from '../keys/api-key.ts'
import type { Keys } from '../keys/service.ts'
import type { Metering } from '../metering/service.ts'
import type { Settings } from '../settings/service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import type { Subscription } from '../subscriptions/subscription.ts'
import { accessTimeline } from './access.ts'
import type { AccessChange } from './access-changes.ts'
import type { AccessRecord, AccessSource, UsageSource } from './access-record.ts'
import type { CreditRule } from '../credits/spending/credit-terms.ts'
import { type Grants, grantsOf } from './grants.ts'

interface AccessDeps {
  /** The invoices of a subscription as far as their payment is concerned. */
  readonly graces: Graces
  /** Units of credits a customer has grants in. */
  readonly creditUnits: (customer: Customer) => Promise<ReadonlySet<string>>
  readonly accounts: Accounts
  readonly budgets: Pick<Budgets, 'rulesFor' | 'used'>
  readonly catalog: Catalog
  readonly clocks: Clocks
  readonly keys: Keys
  readonly metering: Metering
  readonly settings: Settings
  readonly subscriptions: Subscriptions
  readonly news: { subscribe(listener: (change: AccessChange) => void): () => void }
}

/** The same for whoever knows the key by its id. */
export interface AccessLookup {
  findById(mode: Mode, keyId: string): Promise<AccessRecord | undefined>
}

/** Puts together, from all that is known of a key, what a gateway needs to decide on its own. */
export function createAccessSource(deps: AccessDeps): AccessSource & AccessLookup {
  const { accounts, budgets, catalog, clocks, creditUnits, keys, metering, settings } = deps
  const { graces, subscriptions, news } = deps

  async function subscriptionOf(key: ApiKey): Promise<Subscription | undefined> {
    if (key.subscriptionId === null) return subscriptions.findLatest(key.mode, key.customerId)
    return subscriptions.find(key.mode, key.subscriptionId)
  }

  async function recordOf(key: ApiKey): Promise<AccessRecord> {
    const { mode } = key
    const customer = await accounts.get(mode, key.customerId)
    const subscription = (await subscriptionOf(key)) ?? null
    const version = subscription === null ? undefined : await catalog.soldTo(subscription)
    const grants =
      subscription === null || version === undefined
        ? null
        : await grantsFor(subscription, version, customer)
    return {
      mode,
      keyId: key.id,
      customerId: customer.id,
      subscriptionId: subscription?.id ?? null,
      planKey: subscription?.planKey ?? null,
      allowedIps: key.allowedIps,
      scopes: key.scopes,
      clock: clocks.reading(mode, customer.testClockId),
      startsAt: subscription?.startsAt ?? null,
      timeline: accessTimeline({
        key,
        suspensions: customer.suspensions,
        subscription,
        graceEndsAt:
          subscription === null || subscription.overdueSince === null
            ? null
            : await graces.endsAt(customer, subscription),
      }),
      grants,
      budgets: await budgets.rulesFor(customer, key.id, subscription ?? undefined),
      rateLimits: version?.definition.rateLimits ?? [],
      billingPeriods:
        subscription === null || version === undefined
          ? null
          : billingRule(version.definition, subscription.billingAnchor, customer.timeZone),
      planStartsAt: subscription?.phaseStartsAt ?? null,
      headers: headersOf(customer, subscription, grants),
      quotaExceededStatus: Number(await settings.get(mode, 'errors.quota_exceeded_status')),
    }
  }

  async function grantsFor(
    subscription: Subscription,
    version: PlanVersion,
    customer: Customer,
  ): Promise<Grants | null> {
    const { definition } = version
    const phase = definition.phases.find(({ key }) => key === subscription.phaseKey)
    if (phase === undefined) return null
    const features = await catalog.features(subscription.mode)
    const grants = grantsOf(phase, definition, subscription, features, customer.timeZone)
    const units = await creditUnits(customer)
    const hasSome = ({ isCreditOnly, rates }: CreditRule) =>
      isCreditOnly || rates.some(({ unit }) => units.has(unit))
    return { ...grants, credits: grants.credits.filter(hasSome) }
  }

  return {
    async find(hash) {
      const key = await keys.findByHash(hash)
      return key && recordOf(key)
    },

    async findById(mode, keyId) {
      const key = await keys.findById(mode, keyId)
      return key && recordOf(key)
    },

    async used(mode: Mode, of: UsageSource, window: Period): Promise<Decimal> {
      return of.kind === 'quota'
        ? metering.total(mode, of.subscriptionId, of.meterKey, window)
        : budgets.used(mode, of, window)
    },

    subscribe(listener) {
      const stopNews = news.subscribe(listener)
      const stopClocks = clocks.onChange(() => listener({ kind: 'everything' }))
      return () => {
        stopNews()
        stopClocks()
      }
    },
  }
}

function headersOf(
  customer: Customer,
  subscription: Subscription | null,
  grants: Grants | null,
): Record<string, string> {
  const entitlements = Object.entries(grants?.values ?? {}).map(([feature, value]) => [
    `x-entitlement-${feature.replaceAll('_', '-')}`,
    headerSafe(value),
  ])
  return {
    'x-customer-id': customer.id,
    'x-user-id': headerSafe(customer.key),
    ...(subscription !== null && {
      'x-subscription-id': subscription.id,
      'x-user-plan': subscription.planKey,
    }),
    ...Object.fromEntries(entitlements),
  }
}

/** Header values are visible ASCII; anything else is percent-encoded, so that no value can smuggle in a line. */
function headerSafe(value: string): string {
  return value.replaceAll(/[^\x20-\x7e]|%/gu, encodeURIComponent)
}
