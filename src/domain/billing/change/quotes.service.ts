import { type Instant, SECOND_MS } from '../../../kit/instant.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { HeldAddOn } from '../../catalog/add-ons.ts'
import type { PlanVersion } from '../../catalog/plan.ts'
import type { Catalog } from '../../catalog/service.ts'
import type { Redemptions } from '../../coupons/redemptions/service.ts'
import type { PlanChanges } from '../../subscriptions/changes/service.ts'
import { collectionOf, lifecycleAt, type Subscription } from '../../subscriptions/subscription.ts'
import { overridesOn, type SubscriptionOverrides } from '../../subscriptions/overrides.ts'
import type { Charges } from '../charges/service.ts'
import { addOnTerms } from '../add-on-terms.ts'
import { paidFees } from '../paid-fee.ts'
import type { PaidFee } from '../proration.ts'
import type { Contract, Rating } from '../rating.service.ts'
import { type Term, termAt, termsAt } from '../terms.ts'
import type { ChangeQuote } from './change-quote.ts'
import { isTrialTerm, leftByOverride } from './change-terms.ts'
import { changeUsage, quoteChange, type QuoteChangeInput } from './quote-change.ts'

export interface QuoteRequest {
  readonly target: PlanVersion
  /** What there is on top of it afterwards. */
  readonly addOns: readonly HeldAddOn[]
  readonly timing: QuoteChangeInput['timing']
  /** The whole second of it is when the change counts. */
  readonly at: Instant
  /** Other terms of the same version; else what is agreed for a plan goes with it. */
  readonly overrides?: SubscriptionOverrides | undefined
}

export interface Quoted {
  readonly contract: Contract
  readonly term: Term
  readonly quote: ChangeQuote
}

interface QuotesDeps {
  readonly catalog: Catalog
  readonly changes: Pick<PlanChanges, 'findTerms'>
  readonly charges: Charges
  readonly rating: Rating
  readonly redemptions: Redemptions
}

export type Quotes = ReturnType<typeof createQuotes>

/** Loads what a change of plan depends on and quotes it. The same request gives the same quote while nothing changed. */
export function createQuotes({ catalog, changes, charges, rating, redemptions }: QuotesDeps) {
  /** Of the plan and of the add-ons on top of it. */
  async function paidFor(
    { subscription: { mode, id }, planTerms }: Contract,
    terms: readonly Term[],
    at: Instant,
    db: Db,
  ): Promise<PaidFee[]> {
    const billed = await charges.since(db, mode, id, at)
    return terms.flatMap((term) => paidFees(billed, planTerms, term))
  }

  /** What is agreed from the next period on stays agreed when add-ons are bought. */
  async function upcomingFor(
    { mode, id }: Subscription,
    isOverride: boolean,
    db: Db,
  ): Promise<QuoteChangeInput['upcoming']> {
    const terms = isOverride ? undefined : await changes.findTerms(mode, id, db)
    return terms && { overrides: terms.quote.after.overrides, from: terms.effectiveAt }
  }

  return {
    /** Undefined when no plan is in force at that instant. */
    async quote(
      subscription: Subscription,
      { target, addOns, timing, at: askedAt, overrides }: QuoteRequest,
      db: Db,
    ): Promise<Quoted | undefined> {
      const { mode, id, version, currency } = subscription
      const collection = collectionOf(target.definition)
      const contract = await rating.contractOf(subscription, db)
      const isOverride = overrides !== undefined
      const { holdings, planTerms } = contract
      // What was agreed a moment ago may begin within this second.
      const soon = termAt(planTerms, askedAt + SECOND_MS)
      const isSoon = isOverride || (soon?.startsBy === 'override' && soon.startsAt >= askedAt)
      const current = isSoon ? soon : termAt(planTerms, askedAt)
      if (current === undefined) return undefined
      const term = isOverride ? leftByOverride(current) : current
      // Terms that last no time at all would leave no trace of what was charged under them.
      const at = isSoon ? Math.max(askedAt, current.startsAt + SECOND_MS) : askedAt
      const held = holdings.filter(({ endsAt }) => endsAt === null)
      const charged = termsAt(addOnTerms(planTerms, held), at)
      const input: Omit<QuoteChangeInput, 'usage'> = {
        subscription: {
          id,
          version,
          currency,
          collection,
          lifecycle: lifecycleAt(subscription, at),
          term,
          addOns: held.map(({ version: addOn, quantity }) => ({ version: addOn, quantity })),
          addOnTerms: charged,
        },
        addOns,
        target: {
          planKey: target.planKey,
          planVersion: target.version,
          definition: target.definition,
          startingPhaseKey: null,
          overrides: overrides ?? overridesOn(target.planKey, subscription),
        },
        // A trial is not paid for: what is agreed in one costs nothing before it is over.
        timing: isOverride && isTrialTerm(term) ? 'immediate' : timing,
        planOrder: await catalog.planOrder(mode, db),
        at,
        paidFees: await paidFor(contract, [term, ...charged], at, db),
        meters: contract.meters,
        coverage: [],
        coupons: contract.isBilledHere
          ? await redemptions.inForce(mode, id, currency, at, db)
          : await redemptions.inForceInStripe(mode, id, currency, at, db),
        credits: null,
        tax: null,
        startingBalanceMinor: 0n,
        isOverride,
        upcoming: await upcomingFor(subscription, isOverride, db),
      }
      const usage = await rating.read(contract, changeUsage(input), 'counted', db)
      return { contract, term, quote: quoteChange({ ...input, usage }) }
    },
  }
}
