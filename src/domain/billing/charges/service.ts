import type { Clock } from '../../../kit/clock.ts'
import { DAY_MS, HOUR_MS, type Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import { toMajorString } from '../../../kit/money.ts'
import type { Findings } from '../../findings/service.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import { type LateUsage, lateUsageQueries, rateLateUsage } from '../rating/late-usage.ts'
import type { Contract, Rating } from '../rating.service.ts'
import { termAt } from '../terms.ts'
import { usageQueryKey } from '../usage-reading.ts'
import { type BilledCharge, type ChargeToBill, excerpt } from './billed-charge.ts'
import * as store from './store.ts'

/** A write may have been under way while the usage was read. */
const SLACK_MS = HOUR_MS
/** What is older than this is on closed books; an operator who backfills it credits or charges it by hand. */
const REACH_MS = 400 * DAY_MS

/** Usage of a time that was billed, as it was then and as it is known now. */
export interface TouchedCharge {
  readonly billed: BilledCharge
  readonly late: LateUsage
}

/** A line for usage of a time that was billed before, and what is on invoices once it is on one. */
export interface LateLine {
  readonly line: InvoiceLine
  readonly charge: ChargeToBill
}

interface ChargesDeps {
  readonly rating: Rating
  readonly findings: Findings
  readonly clock: Clock
}

export type Charges = ReturnType<typeof createCharges>

/** Remembers charge by charge what is on final invoices, and finds what has come, or was corrected, since. */
export function createCharges({ rating, findings, clock }: ChargesDeps) {
  return {
    /** The invoice is final. The customer is locked. */
    async bill(
      tx: Db,
      mode: Mode,
      subscriptionId: string,
      invoiceId: string,
      charges: readonly ChargeToBill[],
    ): Promise<void> {
      for (const charge of charges) {
        await store.save(tx, mode, { ...charge, subscriptionId, invoiceId }, clock.now())
      }
    },

    /** A change of plan whose invoice is void did not happen. */
    unbill: store.removeOfInvoice,

    /** The keys of what is on final invoices for times that reach beyond an instant. */
    keysSince: store.listKeys,

    /** What is on invoices for times that reach beyond an instant. */
    since: store.listEndingAfter,

    touched,

    find: store.find,

    /** Lines for all earlier usage that would cost something else today. `now` is the customer's. */
    async lateLines(contract: Contract, now: Instant, db: Db): Promise<LateLine[]> {
      const all = await touched(contract, now, db)
      return all.flatMap((charge) => lateLine(contract, charge))
    },
  }

  /** Billed usage of times in which something was counted, or taken back, since. */
  async function touched(contract: Contract, now: Instant, db: Db): Promise<TouchedCharge[]> {
    const { mode, id } = contract.subscription
    const charges: TouchedCharge[] = []
    for (const billed of await store.listTouched(db, mode, id, SLACK_MS, now - REACH_MS)) {
      const { rateCardKey, servicePeriod, discounts, reading } = billed
      const term = termAt(contract.terms, servicePeriod.startsAt)
      if (term === undefined || reading === null) continue
      const piece = { term, rateCardKey, servicePeriod }
      const queries = lateUsageQueries(piece, contract)
      if (!queries.every((query) => reading.has(usageQueryKey(query)))) {
        await reportIncomparable(contract, billed, db)
        continue
      }
      const usage = excerpt(await rating.read(contract, queries, 'counted', db), queries)
      const late: LateUsage = {
        ...piece,
        billed: { usage: reading, coverage: [] },
        actual: { usage, coverage: [] },
        discounts,
      }
      charges.push({ billed, late })
    }
    return charges
  }

  function lateLine(contract: Contract, { billed, late }: TouchedCharge): LateLine[] {
    const { subscriptionId: _, invoiceId: __, ...charge } = billed
    return rateLateUsage(late, contract).map((line) => ({
      line,
      charge: {
        ...charge,
        grossMinor: billed.grossMinor + line.grossMinor,
        amountMinor: billed.amountMinor + line.amountMinor,
        reading: late.actual.usage,
      },
    }))
  }

  /** The periods have moved since, so old and new usage cannot be set against each other. */
  async function reportIncomparable(
    { subscription: { mode }, customer, currency }: Contract,
    { rateCardKey, lineKey, invoiceId, amountMinor }: BilledCharge,
    db: Db,
  ): Promise<void> {
    await findings.report(db, {
      mode,
      category: 'late',
      subjectKind: 'invoice',
      subjectId: invoiceId,
      customerId: customer.id,
      summary: `Usage of ${rateCardKey} came after its invoice, and the billing periods have moved since. Charge or credit it by hand.`,
      ours: null,
      theirs: { amount: toMajorString({ amountMinor, currency }) },
      dedupeKey: `late:${lineKey}:${invoiceId}`,
    })
  }
}
