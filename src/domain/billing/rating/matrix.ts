import { decimal, formatDecimal, ZERO } from '../../../kit/decimal.ts'
import { type Fraction, formatFraction, sumFractions } from '../../../kit/fraction.ts'
import type { MatrixPrice } from '../../catalog/plan.ts'
import type { CellStep } from '../derivation.ts'
import { type BillableCell, type Priced, times } from './priced.ts'

/** A unit's price by one or two dimensions, such as the model and the region. */
export function rateMatrix(price: MatrixPrice, cells: readonly BillableCell[]): Priced {
  const rated = inPriceOrder(price, cells)
    .filter(({ quantity }) => quantity > ZERO)
    .map((cell) => rateCell(price, cell))
  const amount = sumFractions(rated.map((cell) => cell.amount))
  return {
    amount,
    step: {
      kind: 'matrix',
      dimensions: price.dimensions,
      cells: rated.map(({ step }) => step),
      amount: formatFraction(amount),
    },
  }
}

/** Usage in the order of the price list, what has no entry last: the order in which included units are used up. */
export function inPriceOrder(
  price: MatrixPrice,
  cells: readonly BillableCell[],
): readonly BillableCell[] {
  const positions = new Map(price.cells.map(({ values }, i) => [cellKey(values), i]))
  return cells
    .map((cell) => ({ cell, key: cellKey(cell.values) }))
    .map((entry) => ({ ...entry, position: positions.get(entry.key) ?? positions.size }))
    .toSorted((a, b) => a.position - b.position || (a.key < b.key ? -1 : 1))
    .map(({ cell }) => cell)
}

function rateCell(
  price: MatrixPrice,
  { values, quantity }: BillableCell,
): { amount: Fraction; step: CellStep } {
  const key = cellKey(values)
  const entry = price.cells.find((cell) => cellKey(cell.values) === key)
  const unitAmount = entry?.amount ?? price.defaultAmount
  const amount = times(quantity, decimal(unitAmount))
  return {
    amount,
    step: {
      values,
      isDefault: entry === undefined,
      quantity: formatDecimal(quantity),
      unitAmount,
      amount: formatFraction(amount),
    },
  }
}

export function cellKey(values: readonly string[]): string {
  return JSON.stringify(values)
}
