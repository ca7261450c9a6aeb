import { AppError, invalidRequest, notFound } from '../../../errors.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Period } from '../../../kit/period.ts'
import type { Database } from '../../../platform/database/database.ts'
import type { Clocks } from '../../accounts/clocks.service.ts'
import type { Accounts } from '../../accounts/service.ts'
import type { PlanVersion } from '../../catalog/plan.ts'
import type { Catalog } from '../../catalog/service.ts'
import type { Redemptions } from '../../coupons/redemptions/service.ts'
import { addOnsAfter } from '../../subscriptions/changes/plan-change.ts'
import type { PlanChanges } from '../../subscriptions/changes/service.ts'
import type { Subscription } from '../../subscriptions/subscription.ts'
import type { Charges } from '../charges/service.ts'
import type { CreditPaymentsService } from '../credit-payments/service.ts'
import type { WantedItem } from '../items/item.ts'
import type { WantedItems } from '../items/wanted.service.ts'
import { type AppliedCoupon, spreadInStripe } from '../coupons.ts'
import { closingOf } from '../closing.ts'
import { rateLines, requiredUsage } from '../rate-invoice.ts'
import type { Contract, Rating } from '../rating.service.ts'
import { addOnTerms, holdingsFrom } from '../add-on-terms.ts'
import { changeTerms } from '../change/change-terms.ts'
import { billingPeriodAt, type Term, termAt } from '../terms.ts'
import { usageQueryKey } from '../usage-reading.ts'
import {
  type Estimate,
  estimatedLine,
  type EstimatedLine,
  imaginedTerms,
  type NextInvoice,
  totalOf,
} from './estimate.ts'
import { readSample, type SampleInput } from './read-sample.ts'
import { answerFromSample } from './sampled-usage.ts'

interface EstimatesDeps {
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly charges: Charges
  readonly clocks: Clocks
  readonly creditPayments: Pick<CreditPaymentsService, 'of'>
  readonly database: Database
  readonly planChanges: PlanChanges
  readonly rating: Rating
  readonly redemptions: Redemptions
  readonly wantedItems: WantedItems
}

export interface PlanQuestion {
  readonly version: PlanVersion
  /** Null: the plan's first. */
  readonly currency: string | null
  /** Null: the last phase, which is what a plan costs in the long run. */
  readonly phaseKey: string | null
  /** Somewhere in the period; null: with the first event, or now. */
  readonly at: Instant | null
  readonly timeZone: string
}

const NO_EXTRAS = { coverage: [], lateUsage: [], coupons: [] } as const

/** What a customer has beside their plan, and who takes it off. */
interface Agreed {
  readonly isBilledHere: boolean
  readonly coupons: readonly AppliedCoupon[]
}

const NOTHING_AGREED: Agreed = { isBilledHere: true, coupons: [] }

export type Estimates = ReturnType<typeof createEstimates>

/** What things would cost, by the rater that bills. Nothing is written and Stripe is not asked. */
export function createEstimates(deps: EstimatesDeps) {
  const { accounts, catalog, charges, clocks, database } = deps
  const { creditPayments, planChanges, rating, redemptions, wantedItems } = deps

  async function estimate(
    mode: Mode,
    contract: Pick<Contract, 'currency' | 'terms' | 'meters'>,
    at: Instant,
    input: SampleInput,
    agreed: Agreed = NOTHING_AGREED,
  ): Promise<Estimate> {
    const { currency, terms, meters } = contract
    const period = billingPeriodAt(terms, at)
    const term = termAt(terms, at)
    if (period === undefined || term === undefined) {
      throw invalidRequest([{ path: 'at', message: 'lies outside of the subscription' }])
    }
    const read = readSample(input, {
      meters: await catalog.meters(mode),
      metersOfFeatures: meters,
      terms,
      currency,
      period,
    })
    if ('errors' in read) throw invalidRequest(read.errors)
    const { sample } = read
    const queries = requiredUsage({ currency, terms, closing: period, meters })
    const byKey = new Map([...meters.values()].map((meter) => [meter.key, meter]))
    const usage = new Map(
      queries.map((query) => {
        const { aggregation } = byKey.get(query.meterKey) ?? { aggregation: 'sum' as const }
        return [usageQueryKey(query), answerFromSample(sample, query, aggregation, period)]
      }),
    )
    const { coupons } = agreed.isBilledHere ? agreed : NO_EXTRAS
    const time = { closing: period, opening: period }
    const rated = rateLines({ ...contract, ...time, usage, ...NO_EXTRAS, coupons }).map(
      estimatedLine,
    )
    // Stripe takes its coupons off whole invoices, and rounds them its way.
    const lines = agreed.isBilledHere
      ? rated
      : spreadInStripe(rated, () => true, agreed.coupons, currency)
    const priced = new Set(queries.map(({ meterKey }) => meterKey))
    const sampled = sample.kind === 'events' ? sample.events : sample.quantities
    return {
      planKey: term.planKey,
      planVersion: term.planVersion,
      currency,
      period,
      lines,
      totalMinor: totalOf(lines),
      unpricedMeters: [...new Set(sampled.map(({ meterKey }) => meterKey))].filter(
        (key) => !priced.has(key),
      ),
    }
  }

  /** The terms with a change that waits for the period's end, as it will be. */
  async function foreseenTerms(contract: Contract): Promise<readonly Term[]> {
    const { subscription, terms, planTerms, holdings } = contract
    const { mode, id } = subscription
    const change = await planChanges.findOpen(mode, id)
    if (change?.state !== 'scheduled') return terms
    const at = change.effectiveAt
    const last = termAt(planTerms, at - 1)
    if (last === undefined) return terms
    const wanted = await catalog.held(mode, addOnsAfter(change, subscription))
    const withAddOns = (after: readonly Term[]) => [
      ...after,
      ...addOnTerms(after, holdingsFrom(holdings, wanted, at)),
    ]
    if (change.startsBy === null) return withAddOns(planTerms)
    const { planKey, version, definition } = await catalog.getVersion(mode, change.targetVersionId)
    const { phaseKey: startingPhaseKey, overrides } = change.quote.after
    const target = { planKey, planVersion: version, definition, startingPhaseKey, overrides }
    const { before, after } = changeTerms(last, target, at, change.startsBy)
    const earlier = planTerms.filter((term) => term !== last && term.startsAt < at)
    return withAddOns([...earlier, ...before, ...after])
  }

  /** What is billed here comes from what will write it; the rest is what Stripe works out by the same rules. */
  async function nextLines(
    contract: Contract,
    closes: Period,
    opens: Period | null,
    now: Instant,
  ): Promise<EstimatedLine[]> {
    const { db } = database
    const { mode, id } = contract.subscription
    const { currency } = contract
    const at = closes.endsAt
    if (contract.isBilledHere) {
      const coupons = await redemptions.inForce(mode, id, currency, at, db)
      const window = { closesAt: at, opening: opens }
      const charged = await wantedItems.ofOwn(contract, window, coupons, now, db)
      return [...charged, ...(await paidByCredits(contract, at, charged, now))]
    }
    const charged = await wantedItems.of(contract, closes.endsAt, now, db)
    const ours = [...charged, ...(await paidByCredits(contract, at, charged, now))]
    const billed = await charges.keysSince(db, mode, id, closes.startsAt)
    const known = new Set([...billed, ...ours.map(({ lineKey }) => lineKey)])
    const queries = requiredUsage({ ...contract, closing: closes })
    const usage = await rating.read(contract, queries)
    const rated = rateLines({ ...contract, closing: closes, opening: opens, usage, ...NO_EXTRAS })
    const lines = [...ours, ...rated.filter(({ key }) => !known.has(key)).map(estimatedLine)]
    const coupons = await redemptions.inForceInStripe(mode, id, currency, at, db)
    const own = new Set(ours.map(({ derivation }) => derivation))
    const hasProduct = ({ derivation }: EstimatedLine) => !own.has(derivation)
    return spreadInStripe(lines, hasProduct, coupons, currency)
  }

  /** What credits will pay of it: those that are still good when the period ends. */
  async function paidByCredits(
    contract: Contract,
    at: Instant,
    charged: readonly WantedItem[],
    now: Instant,
  ): Promise<readonly WantedItem[]> {
    const invoice = { invoiceId: null, charged }
    const { items } = await creditPayments.of(contract, at, invoice, Math.max(now, at), database.db)
    return items
  }

  return {
    /** A whole period on a plan with this usage: fees in advance and usage alike. */
    async ofPlan(mode: Mode, question: PlanQuestion, input: SampleInput): Promise<Estimate> {
      const { version, phaseKey, timeZone } = question
      const { definition, planKey } = version
      const currency = question.currency ?? definition.currencies[0] ?? 'usd'
      if (!definition.currencies.includes(currency)) {
        throw new AppError('currency_not_offered', { plan: planKey, currency })
      }
      if (phaseKey !== null && !definition.phases.some(({ key }) => key === phaseKey)) {
        throw notFound('phase')
      }
      const at = question.at ?? firstEvent(input) ?? clocks.now(mode)
      const terms = imaginedTerms(version, phaseKey, at, timeZone)
      const startsAt = terms[0]?.startsAt ?? at
      const meters = await rating.metersOf(mode)
      return estimate(mode, { currency, terms, meters }, startsAt, input)
    },

    /** A billing period of a subscription as if this had been used in it, with what was agreed for it alone. */
    async ofSubscription(
      subscription: Subscription,
      at: Instant | null,
      input: SampleInput,
    ): Promise<Estimate> {
      const { mode, customerId } = subscription
      const customer = await accounts.get(mode, customerId)
      const contract = await rating.contractOf(subscription)
      const asked = at ?? firstEvent(input) ?? accounts.now(customer)
      const { isBilledHere, currency } = contract
      const coupons = isBilledHere
        ? await redemptions.inForce(mode, subscription.id, currency, asked)
        : await redemptions.inForceInStripe(mode, subscription.id, currency, asked)
      return estimate(mode, contract, asked, input, { isBilledHere, coupons })
    },

    /** What the running period will bring at its end, with the usage so far; undefined when nothing runs, or it is paused. */
    async next(subscription: Subscription): Promise<NextInvoice | undefined> {
      const { currentPeriod, activatedAt, closedAt, pausedAt, engine, collection } = subscription
      if (currentPeriod === null || activatedAt === null || closedAt !== null) return undefined
      // Nothing is invoiced before somebody, or its date, ends the pause; what was used comes after that.
      if (pausedAt !== null) return undefined
      if (engine === 'offline' && collection === 'none') return undefined
      const { closes, isFinal } = closingOf(subscription, currentPeriod)
      const customer = await accounts.get(subscription.mode, subscription.customerId)
      const contract = await rating.contractOf(subscription)
      const terms = isFinal ? contract.terms : await foreseenTerms(contract)
      const opens = isFinal ? null : (billingPeriodAt(terms, closes.endsAt) ?? null)
      const foreseen = { ...contract, terms }
      const lines = await nextLines(foreseen, closes, opens, accounts.now(customer))
      return {
        subscriptionId: subscription.id,
        currency: contract.currency,
        at: closes.endsAt,
        closes,
        opens,
        lines,
        totalMinor: totalOf(lines),
      }
    },
  }
}

function firstEvent({ events }: SampleInput): Instant | undefined {
  const times = events.flatMap(({ time }) => time ?? [])
  return times.length === 0 ? undefined : Math.min(...times)
}
