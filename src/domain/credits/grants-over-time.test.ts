import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aGrant, anAccount } from '../../../test/support/credits.ts'
import { at } from '../../../test/support/plans.ts'
import { decimal, formatDecimal } from '../../kit/decimal.ts'
import { DAY_MS, formatInstant } from '../../kit/instant.ts'
import { decideBurn, decideVoid } from './ledger.ts'
import { type CreditPack, purchasedGrant, purchaseRefund } from './purchase.ts'
import {
  type RecurringGrant,
  recurringGrantAt,
  rolloverGrant,
  type RolloverInput,
} from './recurring.ts'
import { decideTopUp, type TopUpAttempt, type TopUpPolicy, type TopUpState } from './top-up.ts'

const NOW = at('2026-03-15T12:00:00Z')

const monthly: RecurringGrant = {
  id: 'template_1',
  unit: { kind: 'custom', creditKey: 'credits' },
  amount: decimal(500),
  priority: 50,
  appliesTo: null,
  cadence: 'P1M',
  anchor: at('2026-01-31'),
  timeZone: 'UTC',
  validFor: null,
}

test('U46 a recurring grant has one source for each period, whenever and however often it is asked for', () => {
  const march = recurringGrantAt(monthly, at('2026-03-01'))
  expect(march).toMatchObject({ source: { kind: 'plan', id: 'template_1:1' } })
  expect(formatInstant(march!.expiresAt!)).toBe('2026-03-31T00:00:00Z')
  expect(recurringGrantAt(monthly, at('2026-03-30'))).toEqual(march)
  expect(recurringGrantAt(monthly, at('2026-03-31'))?.source.id).toBe('template_1:2')
  expect(recurringGrantAt(monthly, at('2026-01-30'))).toBeNull()
})

const rollover = (changes: Partial<RolloverInput> & { maximum?: string } = {}): RolloverInput => ({
  featureKey: 'calls',
  subscriptionId: 'subscription_1',
  window: { startsAt: at('2026-02-01'), endsAt: at('2026-03-01') },
  granted: decimal(1000),
  used: decimal(300),
  stillRolledOver: decimal(0),
  policy: {
    maximum: changes.maximum === undefined ? null : decimal(changes.maximum),
    validFor: 'P1M',
    priority: 10,
  },
  timeZone: 'UTC',
  ...changes,
})

test('what a window leaves unused becomes a grant with an end of its own, up to the cap', () => {
  expect(rolloverGrant(rollover())).toMatchObject({
    amount: decimal(700),
    category: 'rollover',
    effectiveAt: at('2026-03-01'),
    expiresAt: at('2026-04-01'),
    source: { kind: 'rollover', id: `subscription_1:calls:${at('2026-02-01')}` },
  })
  expect(rolloverGrant(rollover({ maximum: '500' }))?.amount).toBe(decimal(500))
  const held = rollover({ maximum: '500', stillRolledOver: decimal(450) })
  expect(rolloverGrant(held)?.amount).toBe(decimal(50))
})

test('nothing left, or overdrawn, rolls nothing over', () => {
  expect(rolloverGrant(rollover({ used: decimal(1000) }))).toBeNull()
  expect(rolloverGrant(rollover({ used: decimal(1200) }))).toBeNull()
})

const pack: CreditPack = {
  key: 'credits',
  unit: { kind: 'money', currency: 'usd' },
  amountPerPack: decimal(1),
  priority: 100,
  validFor: 'P1Y',
  appliesTo: null,
}

test('S4.5 buying 25 credits of $1.00 grants $25, once for each paid session', () => {
  const source = { kind: 'checkout_session', id: 'cs_1' } as const
  expect(purchasedGrant(pack, 25, source, NOW)).toMatchObject({
    amount: decimal(25),
    category: 'paid',
    effectiveAt: NOW,
    expiresAt: at('2027-03-15T12:00:00Z'),
    source,
  })
})

function bought(burned: string) {
  const account = anAccount(aGrant('g', '100'))
  const decision = decideBurn(account, decimal(burned), {
    featureKey: null,
    cause: { kind: 'request', id: 'r' },
    now: NOW,
    isSoft: false,
  })
  return decision.kind === 'refused' ? account : decision.account
}

test('of a purchase only the unburned part can be refunded, and it takes those credits back', () => {
  const purchase = { paidMinor: 1000n, refundedMinor: 0n, currency: 'usd' }
  const [holding] = bought('33').holdings
  const { refundableMinor, voids } = purchaseRefund({ ...purchase, holding: holding! })
  expect(refundableMinor).toBe(670n)
  expect(formatDecimal(voids(300n))).toBe('30')
  expect(formatDecimal(voids(670n))).toBe('67')
  const [used] = bought('100').holdings
  expect(purchaseRefund({ ...purchase, holding: used! }).refundableMinor).toBe(0n)
})

test('what was refunded before without taking credits back is not refunded again', () => {
  const [holding] = bought('0').holdings
  const purchase = { paidMinor: 1000n, refundedMinor: 600n, currency: 'usd', holding: holding! }
  expect(purchaseRefund(purchase).refundableMinor).toBe(400n)
})

test('a refund in parts never gives back more than was paid, and ends with no credits', () => {
  const parts = fc.array(fc.bigInt({ min: 1n, max: 400n }), { maxLength: 10 })
  fc.assert(
    fc.property(fc.nat(100), parts, (burned, refunds) => {
      let account = bought(String(burned))
      let refundedMinor = 0n
      const current = () => {
        const purchase = { paidMinor: 1000n, refundedMinor, currency: 'usd' }
        return purchaseRefund({ ...purchase, holding: account.holdings[0]! })
      }
      for (const wanted of [...refunds, 1000n]) {
        const { refundableMinor, voids } = current()
        const refundMinor = wanted < refundableMinor ? wanted : refundableMinor
        if (refundMinor === 0n) continue
        account = decideVoid(account, 'g', voids(refundMinor), { kind: 'refund', id: 'r' }).account
        refundedMinor += refundMinor
      }
      expect(refundedMinor <= BigInt(10 * (100 - burned))).toBe(true)
      expect(current().refundableMinor).toBe(0n)
    }),
  )
})

const policy: TopUpPolicy = {
  isEnabled: true,
  threshold: decimal(10),
  amount: decimal(50),
  maximumPerDay: decimal(100),
  maximumPerMonth: decimal(200),
}
const tried = (daysAgo: number, state: TopUpAttempt['state'] = 'succeeded'): TopUpAttempt => ({
  at: NOW - daysAgo * DAY_MS,
  amount: decimal(50),
  state,
})
const topUp = (changes: Partial<TopUpState> = {}, other: Partial<TopUpPolicy> = {}) => {
  const state: TopUpState = {
    available: decimal(5),
    attempts: [],
    attemptCount: changes.attempts?.length ?? 0,
    confirmedAt: 0,
    timeZone: 'UTC',
    ...changes,
  }
  const decision = decideTopUp({ ...policy, ...other }, state, NOW)
  return decision.kind === 'skip' ? decision.reason : decision
}

test('a balance below its threshold is topped up, with a number that makes the purchase unique', () => {
  expect(topUp({ attemptCount: 7 })).toEqual({ kind: 'top_up', amount: decimal(50), sequence: 8 })
  expect(topUp({ available: decimal(10) })).toBe('above_threshold')
  expect(topUp({}, { isEnabled: false })).toBe('disabled')
})

test('U43 one purchase at a time, and none after a declined one until the customer has acted', () => {
  expect(topUp({ attempts: [tried(0, 'pending')] })).toBe('in_flight')
  expect(topUp({ attempts: [tried(2), tried(1, 'failed')] })).toBe('stopped_after_failure')
  expect(topUp({ attempts: [tried(1, 'failed')], confirmedAt: NOW })).toMatchObject({
    kind: 'top_up',
  })
})

test('a day and a month have their limits, counted by the customer’s calendar', () => {
  expect(topUp({ attempts: [tried(0), tried(0)] })).toBe('daily_maximum')
  expect(topUp({ attempts: [tried(1), tried(2), tried(3), tried(4)] })).toBe('monthly_maximum')
  expect(topUp({ attempts: [tried(20), tried(20), tried(20), tried(20)] })).toMatchObject({
    kind: 'top_up',
  })
  const noLimits = { maximumPerDay: null, maximumPerMonth: null }
  expect(topUp({ attempts: [tried(0), tried(0)] }, noLimits)).toMatchObject({ kind: 'top_up' })
})
