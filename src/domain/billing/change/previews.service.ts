import { AppError, invalidRequest, notFound, refusalError } from '../../../errors.ts'
import { newId } from '../../../kit/id.ts'
import { type Instant, MINUTE_MS, SECOND_MS } from '../../../kit/instant.ts'
import type { Database } from '../../../platform/database/database.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Accounts } from '../../accounts/service.ts'
import type { Caller } from '../../audit/caller.ts'
import { choiceOf, type HeldAddOn, keptWith } from '../../catalog/add-ons.ts'
import { isAddOn, type PlanVersion } from '../../catalog/plan.ts'
import type { Catalog } from '../../catalog/service.ts'
import { isSameChoice } from '../../subscriptions/add-ons/service.ts'
import { givesWay, letsAddOnsBy, type PlanChange } from '../../subscriptions/changes/plan-change.ts'
import type { PlanChanges } from '../../subscriptions/changes/service.ts'
import type { SubscriptionOverrides } from '../../subscriptions/overrides.ts'
import type { Subscriptions } from '../../subscriptions/service.ts'
import type { Subscription } from '../../subscriptions/subscription.ts'
import { validateOverrides } from '../../subscriptions/validate-overrides.ts'
import { paymentOf } from './change-invoice.ts'
import type { ChangePayment, RefusedChange } from './change-quote.ts'
import { chooseAddOns, type WantedAddOn } from './choose-add-ons.ts'
import type { Offer, OfferRequest, Offers } from './offers.service.ts'

const QUOTE_VALID_MS = 15 * MINUTE_MS

export interface ChangeRequest {
  /** Null: the plan stays, and only add-ons change. */
  readonly planKey: string | null
  /** Null: the one on sale. */
  readonly planVersion: number | null
  /** Everything there is to be on top of the plan; undefined keeps what goes with it. */
  readonly addOns?: readonly WantedAddOn[] | undefined
  readonly timing: OfferRequest['timing']
  /** Redeemed where the change is a purchase. */
  readonly promotionCode?: string | undefined
}

export interface OverrideRequest {
  readonly overrides: SubscriptionOverrides
  readonly timing: 'immediate' | 'at_period_end'
}

/** What is shown before somebody confirms. The id of the change is good for fifteen minutes. */
export interface ChangePreview {
  readonly change: PlanChange
  readonly offer: Offer
  readonly payment: ChangePayment
  readonly from: PlanVersion
  readonly to: PlanVersion
}

interface PreviewsDeps {
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly changes: PlanChanges
  readonly database: Database
  readonly offers: Offers
  readonly subscriptions: Subscriptions
}

export type Previews = ReturnType<typeof createPreviews>

/** What a change would do and cost, kept for as long as it may be confirmed. */
export function createPreviews(deps: PreviewsDeps) {
  const { accounts, catalog, changes, database, offers, subscriptions } = deps

  async function offerFor(subscription: Subscription, request: OfferRequest): Promise<Offer> {
    const offer = await offers.of(subscription, request)
    if ('kind' in offer) throw refusalOfChange(offer, request.target)
    return offer
  }

  async function quote(
    subscription: Subscription,
    customer: Customer,
    from: PlanVersion,
    request: Omit<OfferRequest, 'at'>,
  ): Promise<ChangePreview> {
    const { mode } = subscription
    const now = accounts.now(customer)
    const at = now - (now % SECOND_MS)
    const offer = await offerFor(subscription, { ...request, at })
    await refuseToSchedule(subscription, offer)
    const change = changeOf(subscription, request.target, offer, at)
    await changes.insert(database.db, mode, change)
    const payment = paymentOf(offer.quote, offer.invoice)
    return { change, offer, payment, from, to: request.target }
  }

  /**
   * Terms that an operator scheduled for the plan give way to what is decided about the plan since. Add-ons decide
   * nothing about it: whoever buys one keeps the terms that were agreed, which wait for that. Fewer add-ons would be
   * scheduled as well, and one thing at a time is.
   */
  async function refuseWhileChanging(
    { mode, id }: Subscription,
    customer: Customer,
    isAboutPlan: boolean,
  ): Promise<void> {
    const open = await changes.findOpen(mode, id)
    if (open === undefined) return
    const isFree = isAboutPlan
      ? open.stripeScheduleId === null && givesWay(open)
      : letsAddOnsBy(open, accounts.now(customer))
    if (!isFree) throw new AppError('change_pending', {})
  }

  async function refuseToSchedule({ mode, id }: Subscription, { quote }: Offer): Promise<void> {
    if (quote.cause !== null || quote.timing === 'immediate') return
    if ((await changes.findOpen(mode, id)) !== undefined) throw new AppError('change_pending', {})
  }

  async function targetOf(
    { mode, planVersionId }: Subscription,
    { planKey, planVersion }: ChangeRequest,
  ): Promise<PlanVersion> {
    if (planKey === null) return catalog.getVersion(mode, planVersionId)
    const versions = await catalog.versions(mode, planKey)
    const version = versions.find((candidate) =>
      planVersion === null ? candidate.state === 'active' : candidate.version === planVersion,
    )
    const isSold = version !== undefined && version.state !== 'draft' && !isAddOn(version)
    if (!isSold) throw notFound(planVersion === null ? 'plan' : 'plan version')
    return version
  }

  async function addOnsOf(
    { mode, addOns }: Subscription,
    plan: PlanVersion,
    wanted: readonly WantedAddOn[] | undefined,
  ): Promise<HeldAddOn[]> {
    const held = await catalog.held(mode, addOns)
    if (wanted === undefined) return keptWith(held, plan)
    const onSale = new Map<string, PlanVersion>()
    for (const { key } of wanted) {
      const version = await catalog.findActive(mode, key)
      if (version !== undefined) onSale.set(key, version)
    }
    return chooseAddOns(wanted, { held, onSale, plan })
  }

  return {
    /** The offer as it is now of a change that was quoted before. */
    async offerOf(change: PlanChange, subscription: Subscription, target: PlanVersion) {
      const { timing, after } = change.quote
      const addOns = await catalog.held(subscription.mode, change.addOns)
      const overrides = change.startsBy === 'override' ? after.overrides : undefined
      return offers.of(subscription, { target, addOns, timing, at: change.quotedAt, overrides })
    },

    /** What a change would do and cost, or why it cannot be. Nothing is written. */
    async rehearse(
      subscription: Subscription,
      target: PlanVersion,
      timing: ChangeRequest['timing'],
    ): Promise<Offer | RefusedChange> {
      const customer = await accounts.get(subscription.mode, subscription.customerId)
      const now = accounts.now(customer)
      const addOns = await addOnsOf(subscription, target, undefined)
      return offers.of(subscription, { target, addOns, timing, at: now - (now % SECOND_MS) })
    },

    async preview(
      caller: Caller,
      subscriptionId: string,
      request: ChangeRequest,
    ): Promise<ChangePreview> {
      const { mode } = caller
      const subscription = await subscriptions.get(mode, subscriptionId)
      const customer = await accounts.get(mode, subscription.customerId)
      const to = await targetOf(subscription, request)
      const addOns = await addOnsOf(subscription, to, request.addOns)
      if (request.planKey === null && isUnchanged(subscription, addOns)) {
        throw new AppError('add_ons_unchanged', {})
      }
      const from = await catalog.getVersion(mode, subscription.planVersionId)
      await refuseWhileChanging(subscription, customer, to.id !== from.id)
      const { timing, promotionCode } = request
      return quote(subscription, customer, from, { target: to, addOns, timing, promotionCode })
    },

    /** What other terms of the same version would do and cost, for one subscription. */
    async previewOverrides(
      caller: Caller,
      subscriptionId: string,
      { overrides, timing }: OverrideRequest,
    ): Promise<ChangePreview> {
      const { mode } = caller
      const subscription = await subscriptions.get(mode, subscriptionId)
      const customer = await accounts.get(mode, subscription.customerId)
      const version = await catalog.getVersion(mode, subscription.planVersionId)
      const features = await catalog.features(mode)
      const facts = { subscription, definition: version.definition, features }
      const problems = validateOverrides(overrides, facts, accounts.now(customer))
      if (problems.length > 0) throw invalidRequest(problems)
      await refuseWhileChanging(subscription, customer, true)
      const addOns = await catalog.held(mode, subscription.addOns)
      const request = { target: version, addOns, timing, overrides }
      return quote(subscription, customer, version, request)
    },
  }
}

function isUnchanged({ addOns: held }: Subscription, wanted: readonly HeldAddOn[]): boolean {
  const isHeld = (choice: HeldAddOn) => held.some((had) => isSameChoice(had, choiceOf(choice)))
  return held.length === wanted.length && wanted.every(isHeld)
}

function changeOf(
  { id, customerId, version }: Subscription,
  target: PlanVersion,
  { quote, way, invoice, hash, isTrial }: Offer,
  at: Instant,
): PlanChange {
  const { after, direction, timing, effectiveAt, policy } = quote
  return {
    id: newId('change', at),
    customerId,
    subscriptionId: id,
    targetVersionId: target.id,
    addOns: quote.basis.addOns,
    startsBy: quote.cause,
    state: 'quoted',
    way,
    subscriptionVersion: version,
    hash,
    quote: {
      timing,
      direction,
      after: {
        phaseKey: after.phaseKey,
        phaseEndsAt: after.phaseEndsAt,
        billingAnchor: after.billingAnchor,
        usageAnchor: after.usageAnchor,
        feesFrom: after.feesFrom,
        overrides: after.overrides,
      },
      resetsAnchor: timing === 'immediate' && (isTrial || policy.anchor === 'reset'),
      amountDue: String(invoice?.amountDueMinor ?? 0n),
    },
    quotedAt: at,
    effectiveAt,
    expiresAt: at + QUOTE_VALID_MS,
    invoiceId: null,
    stripeInvoiceId: null,
    stripeScheduleId: null,
    leftStripeId: null,
    paymentUrl: null,
    hasLooseEnds: false,
    error: null,
    createdAt: at,
  }
}

export function refusalOfChange({ code, lifecycle }: RefusedChange, target: PlanVersion): AppError {
  const { planKey: plan } = target
  switch (code) {
    case 'already_on_plan':
      return refusalError({ code: 'already_subscribed', params: { plan } })
    case 'currency_not_offered': {
      const currency = target.definition.currencies.join(', ')
      return new AppError('currency_not_offered', { plan, currency })
    }
    case 'add_ons_in_trial': {
      const reason = 'They are added when the trial is over and the plan is paid for.'
      return new AppError('add_on_not_available', { addOn: `for ${plan}`, reason })
    }
    case 'cancellation_pending':
      return new AppError('cancellation_pending', {})
    case 'not_changeable':
      return new AppError('subscription_not_changeable', { lifecycle })
  }
}
