import type { Instant } from '../../../kit/instant.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { PlanVersion } from '../../catalog/plan.ts'
import type { Catalog } from '../../catalog/service.ts'
import type { Redemptions } from '../../coupons/redemptions/service.ts'
import { lifecycleAt, type Subscription } from '../../subscriptions/subscription.ts'
import type { Charges } from '../charges/service.ts'
import { paidFee } from '../paid-fee.ts'
import type { Contract, Rating } from '../rating.service.ts'
import { type Term, termAt } from '../terms.ts'
import type { ChangeQuote } from './change-quote.ts'
import { changeUsage, quoteChange, type QuoteChangeInput } from './quote-change.ts'

export interface QuoteRequest {
  readonly target: PlanVersion
  readonly timing: QuoteChangeInput['timing']
  /** The whole second of it is when the change counts. */
  readonly at: Instant
}

export interface Quoted {
  readonly contract: Contract
  readonly term: Term
  readonly quote: ChangeQuote
}

interface QuotesDeps {
  readonly catalog: Catalog
  readonly charges: Charges
  readonly rating: Rating
  readonly redemptions: Redemptions
}

export type Quotes = ReturnType<typeof createQuotes>

/** Loads what a change of plan depends on and quotes it. The same request gives the same quote while nothing changed. */
export function createQuotes({ catalog, charges, rating, redemptions }: QuotesDeps) {
  return {
    /** Undefined when no plan is in force at that instant. */
    async quote(
      subscription: Subscription,
      { target, timing, at }: QuoteRequest,
      db: Db,
    ): Promise<Quoted | undefined> {
      const { mode, id, version, currency, collection } = subscription
      const contract = await rating.contractOf(subscription, db)
      const term = termAt(contract.terms, at)
      if (term === undefined) return undefined
      const input: Omit<QuoteChangeInput, 'usage'> = {
        subscription: {
          id,
          version,
          currency,
          collection,
          lifecycle: lifecycleAt(subscription, at),
          term,
        },
        target: {
          planKey: target.planKey,
          planVersion: target.version,
          definition: target.definition,
          startingPhaseKey: null,
        },
        timing,
        planOrder: await catalog.planOrder(mode, db),
        at,
        paidFees: (await charges.since(db, mode, id, at)).flatMap((charge) =>
          paidFee(charge, term),
        ),
        meters: contract.meters,
        usageIsBilled: subscription.engine === 'stripe_subscription' ? 'with_its_period' : 'now',
        coverage: [],
        coupons: await redemptions.inForceInStripe(mode, id, currency, at, db),
        credits: null,
        tax: null,
        startingBalanceMinor: 0n,
      }
      const usage = await rating.read(contract, changeUsage(input), 'counted', db)
      return { contract, term, quote: quoteChange({ ...input, usage }) }
    },
  }
}
