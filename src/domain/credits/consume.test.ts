import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Decimal, decimal, formatDecimal, ZERO } from '../../kit/decimal.ts'
import { type ConsumptionSources, creditsFor, decideConsumption } from './consume.ts'

const sources = (changes: Partial<ConsumptionSources> = {}): ConsumptionSources => ({
  allowance: decimal(10),
  unitGrants: decimal(10),
  customCredits: { available: decimal(5), perUnit: decimal('0.5') },
  money: { available: decimal(1), perUnit: decimal('0.10') },
  isOverageBilled: true,
  ...changes,
})
const split = (units: string, changes?: Partial<ConsumptionSources>) => {
  const decision = decideConsumption(decimal(units), sources(changes))
  return Object.fromEntries(
    Object.entries(decision).map(([key, value]) => [
      key,
      typeof value === 'bigint' ? formatDecimal(value) : value,
    ]),
  )
}

test('the allowance goes first, then the feature’s grants, own credits, money, and last the invoice', () => {
  expect(split('45')).toEqual({
    kind: 'covered',
    allowanceUnits: '10',
    grantUnits: '10',
    customUnits: '10',
    customCredits: '5',
    moneyUnits: '10',
    money: '1',
    overageUnits: '5',
  })
  expect(split('12')).toMatchObject({ allowanceUnits: '10', grantUnits: '2', overageUnits: '0' })
})

test('an unlimited allowance leaves everything else alone', () => {
  expect(split('1000000', { allowance: null })).toMatchObject({
    grantUnits: '0',
    overageUnits: '0',
  })
})

test('what nothing pays for is refused where there is no invoice for it', () => {
  expect(split('40', { isOverageBilled: false })).toMatchObject({ kind: 'covered' })
  expect(split('45', { isOverageBilled: false })).toEqual({
    kind: 'refused',
    code: 'insufficient_credits',
    uncovered: '5',
  })
})

test('a negative rest of an allowance pays for nothing', () => {
  expect(split('5', { allowance: decimal(-3) })).toMatchObject({
    allowanceUnits: '0',
    grantUnits: '5',
  })
})

test('S4.24 a credit system: 2 CPU-hours at 0.5 and 1 GPU-hour at 10 are 11 credits', () => {
  const usage = [
    { units: decimal(2), perUnit: decimal('0.5') },
    { units: decimal(1), perUnit: decimal(10) },
  ]
  expect(formatDecimal(creditsFor(usage))).toBe('11')
})

test('the parts always make up the whole, and no source gives more than it has', () => {
  const amounts = fc.bigInt({ min: 0n, max: 10n ** 16n }).map((n) => n as Decimal)
  const rates = fc.option(fc.record({ available: amounts, perUnit: amounts }))
  fc.assert(
    fc.property(
      amounts,
      fc.option(amounts),
      amounts,
      rates,
      rates,
      (units, allowance, unitGrants, customCredits, money) => {
        const decision = decideConsumption(units, {
          allowance,
          unitGrants,
          customCredits,
          money,
          isOverageBilled: true,
        })
        if (decision.kind === 'refused') throw new Error('overage is billed')
        const { allowanceUnits, grantUnits, customUnits, moneyUnits, overageUnits } = decision
        expect(allowanceUnits + grantUnits + customUnits + moneyUnits + overageUnits).toBe(units)
        expect(grantUnits <= unitGrants).toBe(true)
        expect(decision.customCredits <= (customCredits?.available ?? ZERO)).toBe(true)
        expect(decision.money <= (money?.available ?? ZERO)).toBe(true)
      },
    ),
  )
})
