import { assertNever } from '../../../kit/assert.ts'
import type { Currency } from '../../../kit/currency.ts'
import { type Decimal, decimal, ZERO } from '../../../kit/decimal.ts'
import type { Meter } from '../meter.ts'
import type { MatrixPrice, PercentagePrice, Price, PriceTier, TieredPrice } from '../plan.ts'
import { checkAmount, checkDecimal, checkPositive, checkUnique, type Report } from './report.ts'

const MAX_TIERS = 50
const MAX_CELLS = 500
const MAX_DIMENSIONS = 2

/** One price in one currency. `meter` is what measures it, if that is known and exists. */
export function checkPrice(
  price: Price,
  currency: Currency,
  meter: Meter | undefined,
  path: string,
  report: Report,
): void {
  switch (price.type) {
    case 'flat':
      checkAmount(price.amount, currency, `${path}.amount`, report)
      return
    case 'unit':
      checkDecimal(price.amount, `${path}.amount`, report)
      return
    case 'tiered':
      checkTiers(price, currency, `${path}.tiers`, report)
      return
    case 'package':
      checkDecimal(price.amount, `${path}.amount`, report)
      checkPositive(price.quantityPerPackage, `${path}.quantityPerPackage`, report)
      return
    case 'percentage':
      checkPercentage(price, path, report)
      checkSummed(meter, path, report)
      return
    case 'dynamic':
      checkPositive(price.multiplier, `${path}.multiplier`, report)
      checkSummed(meter, path, report)
      return
    case 'matrix':
      checkMatrix(price, meter, path, report)
      return
    default:
      assertNever(price)
  }
}

function checkTiers(
  { tiers }: TieredPrice,
  currency: Currency,
  path: string,
  report: Report,
): void {
  if (tiers.length === 0) report(path, 'Give it at least one tier.')
  if (tiers.length > MAX_TIERS) report(path, `At most ${MAX_TIERS} tiers are possible.`)
  let below = ZERO
  for (const [i, tier] of tiers.entries()) {
    const own = `${path}[${i}]`
    const bound = checkBound(tier, i === tiers.length - 1, own, report)
    if (bound !== undefined && bound <= below) {
      report(`${own}.upToAmount`, 'Each tier must end above the one before.')
    }
    below = bound ?? below
    if (tier.flatPrice !== null) checkAmount(tier.flatPrice, currency, `${own}.flatPrice`, report)
    if (tier.unitPrice !== null) checkDecimal(tier.unitPrice, `${own}.unitPrice`, report)
  }
}

function checkBound(
  { upToAmount }: PriceTier,
  isLast: boolean,
  path: string,
  report: Report,
): Decimal | undefined {
  if (upToAmount === null) {
    if (!isLast) report(`${path}.upToAmount`, 'Only the last tier is open-ended.')
    return undefined
  }
  if (isLast) {
    report(`${path}.upToAmount`, 'The last tier must be open-ended (null), or usage has no price.')
  }
  return checkPositive(upToAmount, `${path}.upToAmount`, report)
}

function checkPercentage(price: PercentagePrice, path: string, report: Report): void {
  const rate = checkPositive(price.rate, `${path}.rate`, report)
  if (rate !== undefined && rate > decimal(100)) {
    report(`${path}.rate`, 'More than 100 %; write 2.9 for 2.9 %.')
  }
  const amounts = ['fixedPerEvent', 'minimumPerEvent', 'maximumPerEvent'] as const
  const [, minimum, maximum] = amounts.map((name) => {
    const amount = price[name]
    return amount === null ? undefined : checkDecimal(amount, `${path}.${name}`, report)
  })
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    report(`${path}.minimumPerEvent`, 'The minimum is above the maximum.')
  }
}

/** Percentages and dynamic prices multiply money that the events brought along. */
function checkSummed(meter: Meter | undefined, path: string, report: Report): void {
  if (meter === undefined || meter.aggregation === 'sum') return
  report(
    `${path}.type`,
    `It needs a meter that sums amounts; ${meter.key} is a ${meter.aggregation} meter.`,
  )
}

function checkMatrix(
  { dimensions, cells, defaultAmount }: MatrixPrice,
  meter: Meter | undefined,
  path: string,
  report: Report,
): void {
  if (dimensions.length === 0 || dimensions.length > MAX_DIMENSIONS) {
    report(`${path}.dimensions`, 'Give it one or two dimensions.')
  }
  checkUnique(dimensions, (i) => `${path}.dimensions[${i}]`, report)
  for (const [i, dimension] of dimensions.entries()) {
    if (meter !== undefined && !Object.hasOwn(meter.groupBy, dimension)) {
      report(`${path}.dimensions[${i}]`, `The meter ${meter.key} has no dimension ${dimension}.`)
    }
  }
  if (cells.length > MAX_CELLS) report(`${path}.cells`, `At most ${MAX_CELLS} cells are possible.`)
  for (const [i, { values, amount }] of cells.entries()) {
    if (values.length !== dimensions.length) {
      report(`${path}.cells[${i}].values`, 'Give one value for each dimension.')
    }
    checkDecimal(amount, `${path}.cells[${i}].amount`, report)
  }
  checkUnique(
    cells.map(({ values }) => values.join(' / ')),
    (i) => `${path}.cells[${i}].values`,
    report,
  )
  checkDecimal(defaultAmount, `${path}.defaultAmount`, report)
}
