import { formatInstant, parseInstant, type Instant } from '../kit/instant.ts'
import type { Period } from '../kit/period.ts'
import type { Estimate, EstimatedLine, NextInvoice } from '../domain/billing/estimates/estimate.ts'
import type { SampleInput } from '../domain/billing/estimates/read-sample.ts'
import { explainLine } from '../domain/billing/explain-line.ts'
import { moneyToApi } from './to-api.ts'

/** What things would cost, as the contract asks for it and answers. */

interface AskedUsage {
  readonly quantities: SampleInput['quantities']
  readonly events: readonly {
    readonly type: string
    readonly time?: string | null | undefined
    readonly data?: Readonly<Record<string, unknown>> | null | undefined
  }[]
  readonly at?: string | undefined
}

export function sampleOf({ quantities, events }: AskedUsage): SampleInput {
  return {
    quantities,
    events: events.map(({ type, time, data }) => ({
      type,
      time: instantOf(time),
      data: data ?? {},
    })),
  }
}

export function instantOf(text: string | null | undefined): Instant | null {
  return text === null || text === undefined ? null : (parseInstant(text) ?? null)
}

export function estimateToApi({
  planKey,
  planVersion,
  currency,
  period,
  lines,
  totalMinor,
  unpricedMeters,
}: Estimate) {
  return {
    planKey,
    planVersion,
    period: periodToApi(period),
    lines: lines.map((line) => lineToApi(line, currency)),
    total: moneyToApi(totalMinor, currency),
    unpricedMeters: [...unpricedMeters],
  }
}

export function nextInvoiceToApi(next: NextInvoice | undefined) {
  if (next === undefined) return { invoice: null }
  const { subscriptionId, currency, at, closes, opens, lines, totalMinor } = next
  return {
    invoice: {
      subscriptionId,
      at: formatInstant(at),
      closes: periodToApi(closes),
      opens: opens && periodToApi(opens),
      lines: lines.map((line) => lineToApi(line, currency)),
      total: moneyToApi(totalMinor, currency),
    },
  }
}

function lineToApi(line: EstimatedLine, currency: string) {
  const { rateCardKey, description, amountMinor, period, derivation } = line
  return {
    rateCardKey,
    description,
    amount: moneyToApi(amountMinor, currency),
    period: periodToApi(period),
    explanation: explainLine(derivation),
  }
}

function periodToApi({ startsAt, endsAt }: Period) {
  return { startsAt: formatInstant(startsAt), endsAt: formatInstant(endsAt) }
}
