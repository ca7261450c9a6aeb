import type { Currency } from '../../kit/currency.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Period } from '../../kit/period.ts'
import type { CreditAccount, LedgerEntry } from '../credits/account.ts'
import {
  applyCredits,
  type BurnedMoney,
  burnedMinor,
  type CreditApplication,
} from '../credits/invoice-credits.ts'
import { collect, type Collection } from './collection.ts'
import { type AppliedCoupon, spreadCoupons } from './coupons.ts'
import type { InvoiceLine } from './invoice-line.ts'
import { type RatedMeter, type UnitCoverage, usageQueries } from './rating/billable-usage.ts'
import { type LateUsage, rateLateUsage } from './rating/late-usage.ts'
import { rateAdvance, rateArrears, type RatingContext, usagePieces } from './rating/rate-card.ts'
import { type Tax, type TaxRate, taxOn } from './tax.ts'
import type { Term } from './terms.ts'
import { distinctQueries, type UsageQuery, type UsageReading } from './usage-reading.ts'

/**
 * Everything one invoice of one subscription depends on. The same input gives the same invoice, to the cent and to the
 * key of each line: for the preview, for the billing run and for the run that repeats it after a crash.
 */
export interface RateInvoiceInput {
  readonly currency: Currency
  /** What was and will be in force, at least from the start of `closing` to the end of `opening`. */
  readonly terms: readonly Term[]
  /** The time that ends with this invoice: its usage and what is paid afterwards. Null on the first invoice. */
  readonly closing: Period | null
  /** The time that begins with it: what is paid in advance. Null on the last invoice. */
  readonly opening: Period | null
  /** The meter of each feature that has one. */
  readonly meters: ReadonlyMap<string, RatedMeter>
  /** Answers to every query of `requiredUsage`. */
  readonly usage: UsageReading
  readonly coverage: readonly UnitCoverage[]
  readonly lateUsage: readonly LateUsage[]
  readonly coupons: readonly AppliedCoupon[]
  readonly credits: InvoiceCredits | null
  readonly tax: TaxRate | null
  /** What the customer owes from before; negative is a credit. */
  readonly startingBalanceMinor: bigint
}

/** Money credits that may pay for usage. Fees are never paid with them, as with Stripe's billing credits. */
export interface InvoiceCredits {
  readonly account: CreditAccount
  /** What was already burned for usage of the closing period when it happened. */
  readonly burned: readonly BurnedMoney[]
  /** The plan settles by credits alone: what they do not cover becomes debt and not part of the invoice. */
  readonly isCreditOnly: boolean
  readonly now: Instant
}

export interface RatedInvoice {
  readonly currency: Currency
  readonly closing: Period | null
  readonly opening: Period | null
  readonly lines: readonly InvoiceLine[]
  /** Before discounts. */
  readonly subtotalMinor: bigint
  readonly discountMinor: bigint
  readonly credits: InvoiceCreditsUsed
  readonly tax: Tax | null
  readonly totalMinor: bigint
  readonly collection: Collection
}

export interface InvoiceCreditsUsed {
  readonly applications: readonly CreditApplication[]
  readonly amountMinor: bigint
  /** To append to the ledger, together with storing the invoice. What was burned earlier is in it already. */
  readonly entries: readonly LedgerEntry[]
  /** Of the applications those that are not in the ledger yet. */
  readonly taken: readonly CreditApplication[]
  /** The account after them. */
  readonly account: CreditAccount | null
}

type UsageScope = Pick<RateInvoiceInput, 'currency' | 'terms' | 'closing' | 'meters'>

/** What has to be asked of metering before the invoice can be rated. */
export function requiredUsage({ currency, terms, closing, meters }: UsageScope): UsageQuery[] {
  if (closing === null) return []
  return distinctQueries(
    terms.flatMap((term) =>
      term.phase.rateCards
        .flatMap((card) => usagePieces(term, card, closing, { currency, meters }))
        .flatMap(usageQueries),
    ),
  )
}

/** The lines of an invoice and what it comes to. The order of the steps is the order of the rules. */
export function rateInvoice(input: RateInvoiceInput): RatedInvoice {
  return composeInvoice(rateLines(input), input)
}

/** The lines alone: usage and arrears of what closes, usage that came late, fees for what opens. */
export function rateLines(
  input: Omit<RateInvoiceInput, 'credits' | 'tax' | 'startingBalanceMinor'>,
): InvoiceLine[] {
  const { terms, closing, opening, currency, coupons } = input
  const context: RatingContext = input
  const rateAll = (window: Period | null, rate: typeof rateArrears) =>
    window === null
      ? []
      : terms.flatMap((term) =>
          term.phase.rateCards.flatMap((card) => rate(term, card, window, context)),
        )
  const lines = [
    ...rateAll(closing, rateArrears),
    ...input.lateUsage.flatMap((late) => rateLateUsage(late, context)),
    ...rateAll(opening, rateAdvance),
  ]
  return spreadCoupons(lines, coupons, currency)
}

/** From lines to what is due: credits, tax, total, balance. */
export function composeInvoice(
  lines: readonly InvoiceLine[],
  input: Pick<
    RateInvoiceInput,
    'currency' | 'closing' | 'opening' | 'credits' | 'tax' | 'startingBalanceMinor'
  >,
): RatedInvoice {
  const { currency, closing, opening, startingBalanceMinor } = input
  const subtotalMinor = sum(lines.map(({ grossMinor }) => grossMinor))
  const netMinor = sum(lines.map(({ amountMinor }) => amountMinor))
  const credits = useCredits(lines, input.credits, currency)
  const taxableMinor = netMinor - credits.amountMinor
  const tax = taxOn(taxableMinor, input.tax, currency)
  const totalMinor = taxableMinor + (tax?.addedMinor ?? 0n)
  return {
    currency,
    closing,
    opening,
    lines,
    subtotalMinor,
    discountMinor: subtotalMinor - netMinor,
    credits,
    tax,
    totalMinor,
    collection: collect(totalMinor, startingBalanceMinor, currency),
  }
}

const NO_CREDITS: InvoiceCreditsUsed = {
  applications: [],
  amountMinor: 0n,
  entries: [],
  taken: [],
  account: null,
}

function useCredits(
  lines: readonly InvoiceLine[],
  credits: InvoiceCredits | null,
  currency: Currency,
): InvoiceCreditsUsed {
  if (credits === null) return NO_CREDITS
  const { account, burned, isCreditOnly, now } = credits
  const payable = lines.filter(({ kind, amountMinor }) => isUsage(kind) && amountMinor > 0n)
  const paidEarlier = payable.flatMap((line) => paidAlready(line, lines, burned, currency))
  const applied = applyCredits(
    payable.map((line) => ({
      key: line.key,
      featureKey: line.featureKey,
      amountMinor:
        payableMinor(line, lines) -
        sum(
          paidEarlier
            .filter((paid) => paid.lineKey === line.key)
            .map(({ amountMinor }) => amountMinor),
        ),
    })),
    account,
    { currency, isCreditOnly, now },
  )
  const applications = [...paidEarlier, ...applied.applications]
  return {
    applications,
    amountMinor: sum(applications.map(({ amountMinor }) => amountMinor)),
    entries: applied.entries,
    taken: applied.applications,
    account: applied.account,
  }
}

/** What was burned while the line's usage happened, never more than there is to pay. */
function paidAlready(
  line: InvoiceLine,
  lines: readonly InvoiceLine[],
  burned: readonly BurnedMoney[],
  currency: Currency,
): CreditApplication[] {
  if (line.kind !== 'usage') return []
  const { startsAt, endsAt } = line.servicePeriod
  const own = burned.filter(
    ({ featureKey, at }) => featureKey === line.featureKey && startsAt <= at && at < endsAt,
  )
  let leftMinor = payableMinor(line, lines)
  return [...Map.groupBy(own, ({ grantId }) => grantId)].flatMap(([grantId, parts]) => {
    const partMinor = burnedMinor(parts, currency)
    const amountMinor = partMinor < leftMinor ? partMinor : leftMinor
    leftMinor -= amountMinor
    return amountMinor === 0n ? [] : [{ lineKey: line.key, grantId, amountMinor }]
  })
}

/** A line less what an agreed maximum takes off it again: credits must not pay for what nobody owes. */
function payableMinor(line: InvoiceLine, lines: readonly InvoiceLine[]): bigint {
  if (line.kind !== 'usage') return line.amountMinor
  const cap = lines.find(
    ({ kind, key }) =>
      kind === 'maximum_commitment' && key === line.key.replace(/^usage:/, `${kind}:`),
  )
  return line.amountMinor + (cap?.amountMinor ?? 0n)
}

function isUsage(kind: InvoiceLine['kind']): boolean {
  return kind === 'usage' || kind === 'late_usage' || kind === 'minimum_commitment'
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}
