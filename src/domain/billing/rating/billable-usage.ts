import {
  add,
  type Decimal,
  formatDecimal,
  maxDecimal,
  minDecimal,
  subtract,
  ZERO,
} from '../../../kit/decimal.ts'
import { formatInstant, type Instant } from '../../../kit/instant.ts'
import type { Meter } from '../../catalog/meter.ts'
import type { RateCard } from '../../catalog/plan.ts'
import type { CoveredStep, DerivationStep } from '../derivation.ts'
import type { Piece } from '../pieces.ts'
import {
  readUsage,
  type UsageQuantity,
  type UsageQuery,
  type UsageReading,
} from '../usage-reading.ts'
import { convert, conversionStep } from './conversion.ts'
import { type Allowance, allowanceOf, slicesOf, type WindowSlice } from './included-units.ts'
import { cellKey, inPriceOrder } from './matrix.ts'
import type { BillableCell, BillableUsage } from './priced.ts'
import type { UsagePrice } from './rate-price.ts'

export type RatedMeter = Pick<Meter, 'key' | 'unit'>

/** Units of a feature that grants or custom credits already paid for when they were used. */
export interface UnitCoverage {
  readonly featureKey: string
  readonly at: Instant
  readonly quantity: Decimal
  readonly kind: 'unit_grant' | 'custom_credits'
  readonly grantId: string
}

/** A piece of a usage-priced card: all that is needed to know how much of it is billed. */
export interface UsagePiece {
  readonly piece: Piece
  readonly price: UsagePrice
  readonly meter: RatedMeter
}

export interface MeasuredUsage {
  readonly billable: BillableUsage
  /** Where the paid tiers begin. */
  readonly position: Decimal
  readonly steps: readonly DerivationStep[]
}

/** What metering has to be asked before a piece can be rated. */
export function usageQueries(usagePiece: UsagePiece): UsageQuery[] {
  const allowance = allowanceOf(usagePiece.piece.card, usagePiece.price)
  return slicesOf(usagePiece.piece, allowance).flatMap((slice) => {
    const before = queryBefore(usagePiece, slice)
    return before === null
      ? [queryUntilEnd(usagePiece, slice)]
      : [before, queryUntilEnd(usagePiece, slice)]
  })
}

/** From measured to billable: conversion, then what each window includes, then what grants covered. */
export function billableUsage(
  usagePiece: UsagePiece,
  reading: UsageReading,
  coverage: readonly UnitCoverage[],
): MeasuredUsage {
  const { piece, price } = usagePiece
  const allowance = allowanceOf(piece.card, price)
  const slices = slicesOf(piece, allowance).map((slice) =>
    measureSlice(usagePiece, slice, allowance, reading),
  )
  const cells = mergeCells(slices.flatMap((slice) => slice.cells))
  const covered = coverUnits(piece, orderedCells(price, cells), coverage)
  return {
    billable: {
      quantity: sumCells(covered.cells),
      cells: covered.cells,
      eventCount: slices.reduce((sum, { eventCount }) => sum + eventCount, 0n),
      eventValues: slices.flatMap(({ eventValues }) => eventValues),
    },
    position: allowance.kind === 'units' ? allowance.paidFrom : ZERO,
    steps: [...slices.flatMap(({ steps }) => steps), ...covered.steps],
  }
}

interface MeasuredSlice {
  readonly cells: readonly BillableCell[]
  readonly eventCount: bigint
  readonly eventValues: BillableUsage['eventValues']
  readonly steps: readonly DerivationStep[]
}

function measureSlice(
  usagePiece: UsagePiece,
  slice: WindowSlice,
  allowance: Allowance,
  reading: UsageReading,
): MeasuredSlice {
  const { piece, price } = usagePiece
  const { conversion } = piece.card
  const beforeQuery = queryBefore(usagePiece, slice)
  const before = beforeQuery === null ? [] : readUsage(reading, beforeQuery)
  const untilEnd = readUsage(reading, queryUntilEnd(usagePiece, slice))

  const cells = orderedCells(price, growth(piece.card, price, before, untilEnd))
  const used = sumCells(cells)
  const usedBefore = sumRows(before, conversion)
  const free = freeUnits(allowance, usedBefore, used)
  const billable = takeFrom(cells, free)
  const isFree = allowance.kind === 'unlimited'
  return {
    cells: billable,
    eventCount: isFree ? 0n : countEvents(untilEnd) - countEvents(before),
    eventValues: isFree ? [] : untilEnd.flatMap((row) => convertedValues(row, conversion)),
    steps: [
      ...usageSteps(usagePiece, slice, before, untilEnd),
      ...(conversion === null
        ? []
        : [conversionStep(conversion, measured(before, untilEnd), used)]),
      ...includedSteps(allowance, slice, usedBefore, used, sumCells(billable)),
    ],
  }
}

function queryUntilEnd(usagePiece: UsagePiece, { countsFrom, endsAt }: WindowSlice): UsageQuery {
  return query(usagePiece, countsFrom, endsAt)
}

function queryBefore(
  usagePiece: UsagePiece,
  { countsFrom, startsAt }: WindowSlice,
): UsageQuery | null {
  return countsFrom < startsAt ? query(usagePiece, countsFrom, startsAt) : null
}

function query(
  { piece, price, meter }: UsagePiece,
  startsAt: Instant,
  endsAt: Instant,
): UsageQuery {
  const isBounded =
    price.type === 'percentage' && (price.minimumPerEvent ?? price.maximumPerEvent) !== null
  return {
    meterKey: meter.key,
    dimensions: price.type === 'matrix' ? price.dimensions : [],
    startsAt,
    endsAt,
    weightedOver: piece.whole ?? { startsAt: piece.startsAt, endsAt: piece.endsAt },
    needsEventValues: isBounded,
  }
}

/**
 * What a slice adds to its window, by cell. Taken as a difference, so that a customer counted as unique before a change
 * of plan is not counted again after it. Corrections below zero bill nothing.
 */
function growth(
  card: RateCard,
  price: UsagePrice,
  before: readonly UsageQuantity[],
  untilEnd: readonly UsageQuantity[],
): BillableCell[] {
  const already = new Map(
    before.map((row) => [cellKey(valuesOf(price, row)), convert(card.conversion, row.quantity)]),
  )
  return untilEnd.map((row) => {
    const values = valuesOf(price, row)
    const total = convert(card.conversion, row.quantity)
    const quantity = subtract(total, already.get(cellKey(values)) ?? ZERO)
    return { values, quantity: maxDecimal(ZERO, quantity) }
  })
}

function freeUnits(allowance: Allowance, usedBefore: Decimal, used: Decimal): Decimal {
  if (allowance.kind === 'none') return ZERO
  if (allowance.kind === 'unlimited') return used
  return minDecimal(used, maxDecimal(ZERO, subtract(allowance.units, usedBefore)))
}

/** Takes units away from the cells in their order, which is that of the price list. */
function takeFrom(cells: readonly BillableCell[], units: Decimal): BillableCell[] {
  let left = units
  return cells.map(({ values, quantity }) => {
    const taken = minDecimal(left, quantity)
    left = subtract(left, taken)
    return { values, quantity: subtract(quantity, taken) }
  })
}

function coverUnits(
  piece: Piece,
  cells: readonly BillableCell[],
  coverage: readonly UnitCoverage[],
): { cells: readonly BillableCell[]; steps: readonly CoveredStep[] } {
  let left = sumCells(cells)
  const by: CoveredStep['by'][number][] = []
  for (const { featureKey, at, kind, grantId, quantity } of coverage) {
    const applies =
      featureKey === piece.card.featureKey && piece.startsAt <= at && at < piece.endsAt
    const taken = applies ? minDecimal(left, quantity) : ZERO
    if (taken <= ZERO) continue
    by.push({ kind, grantId, quantity: formatDecimal(taken) })
    left = subtract(left, taken)
  }
  if (by.length === 0) return { cells, steps: [] }
  const step: CoveredStep = { kind: 'covered', by, billable: formatDecimal(left) }
  return { cells: takeFrom(cells, subtract(sumCells(cells), left)), steps: [step] }
}

function usageSteps(
  { price, meter }: UsagePiece,
  { startsAt, endsAt }: WindowSlice,
  before: readonly UsageQuantity[],
  untilEnd: readonly UsageQuantity[],
): DerivationStep[] {
  const already = new Map(before.map((row) => [cellKey(valuesOf(price, row)), row]))
  const rows = untilEnd.length === 0 ? [NOTHING] : untilEnd
  return rows.map((row) => {
    const earlier = already.get(cellKey(valuesOf(price, row))) ?? NOTHING
    return {
      kind: 'usage',
      meterKey: meter.key,
      unit: meter.unit,
      dimensions: row.dimensions,
      quantity: formatDecimal(subtract(row.quantity, earlier.quantity)),
      eventCount: String(row.eventCount - earlier.eventCount),
      startsAt: formatInstant(startsAt),
      endsAt: formatInstant(endsAt),
    }
  })
}

function includedSteps(
  allowance: Allowance,
  { window, startsAt, endsAt }: WindowSlice,
  usedBefore: Decimal,
  used: Decimal,
  billable: Decimal,
): DerivationStep[] {
  if (allowance.kind === 'none') return []
  return [
    {
      kind: 'included',
      included: allowance.kind === 'units' ? formatDecimal(allowance.units) : null,
      usedBefore: formatDecimal(usedBefore),
      used: formatDecimal(used),
      billable: formatDecimal(billable),
      startsAt: formatInstant(window?.startsAt ?? startsAt),
      endsAt: formatInstant(window?.endsAt ?? endsAt),
    },
  ]
}

const NOTHING: UsageQuantity = { dimensions: {}, quantity: ZERO, eventCount: 0n, eventValues: [] }

function valuesOf(price: UsagePrice, { dimensions }: UsageQuantity): string[] {
  return price.type === 'matrix' ? price.dimensions.map((name) => dimensions[name] ?? '') : []
}

function orderedCells(price: UsagePrice, cells: readonly BillableCell[]): readonly BillableCell[] {
  return price.type === 'matrix' ? inPriceOrder(price, cells) : cells
}

function mergeCells(cells: readonly BillableCell[]): BillableCell[] {
  const merged = new Map<string, BillableCell>()
  for (const { values, quantity } of cells) {
    const key = cellKey(values)
    merged.set(key, { values, quantity: add(merged.get(key)?.quantity ?? ZERO, quantity) })
  }
  return [...merged.values()]
}

function sumCells(cells: readonly BillableCell[]): Decimal {
  return cells.reduce((sum, { quantity }) => add(sum, quantity), ZERO)
}

function sumRows(rows: readonly UsageQuantity[], conversion: RateCard['conversion']): Decimal {
  return rows.reduce((sum, { quantity }) => add(sum, convert(conversion, quantity)), ZERO)
}

function measured(before: readonly UsageQuantity[], untilEnd: readonly UsageQuantity[]): Decimal {
  return subtract(sumRows(untilEnd, null), sumRows(before, null))
}

function convertedValues(
  { eventValues }: UsageQuantity,
  conversion: RateCard['conversion'],
): BillableUsage['eventValues'] {
  return eventValues.map(({ value, count }) => ({ value: convert(conversion, value), count }))
}

function countEvents(rows: readonly UsageQuantity[]): bigint {
  return rows.reduce((sum, { eventCount }) => sum + eventCount, 0n)
}
