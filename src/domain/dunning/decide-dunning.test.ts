import { expect, test } from 'vitest'
import { at } from '../../../test/support/plans.ts'
import { DAY_MS, HOUR_MS } from '../../kit/instant.ts'
import {
  decideDunning,
  DEFAULT_DUNNING,
  type DunningCase,
  type DunningMessage,
  isHardDecline,
  type PaymentAttempt,
} from './decide-dunning.ts'

const OPENED = at('2026-03-01')
const day = (days: number) => OPENED + days * DAY_MS

const attempt = (
  when: number,
  declineCode = 'insufficient_funds',
  result: PaymentAttempt['result'] = 'failed',
): PaymentAttempt => ({ at: when, result, declineCode })
const dunning = (changes: Partial<DunningCase> = {}): DunningCase => ({
  id: 'case_1',
  openedAt: OPENED,
  invoiceState: 'open',
  attempts: [attempt(OPENED)],
  newPaymentMethodAt: null,
  blocksAt: day(3),
  hasStripeGivenUp: false,
  sent: [],
  ...changes,
})
const decide = (changes: Partial<DunningCase>, now: number, policy = DEFAULT_DUNNING) =>
  decideDunning(dunning(changes), policy, now)

test('the schedule is followed from the first failure, one retry for each of its moments', () => {
  expect(decide({}, day(1) - 1)).toMatchObject({ action: { kind: 'none' }, nextAt: day(1) })
  expect(decide({}, day(1)).action).toEqual({ kind: 'retry', attempt: 2, why: 'schedule' })
  const retried = { attempts: [attempt(OPENED), attempt(day(1))] }
  expect(decide(retried, day(1) + 1).action).toEqual({ kind: 'none' })
  expect(decide(retried, day(3)).action).toMatchObject({ kind: 'retry', attempt: 3 })
})

test('moments that were slept through make one retry and not several', () => {
  expect(decide({}, day(4)).action).toMatchObject({ attempt: 2 })
  const retried = { attempts: [attempt(OPENED), attempt(day(4))] }
  expect(decide(retried, day(4) + 1)).toMatchObject({ action: { kind: 'none' } })
  expect(decide(retried, day(5)).action).toMatchObject({ kind: 'retry', attempt: 3 })
})

test('when the last retry has failed the final action is due, once', () => {
  const attempts = [0, 1, 3, 5, 7].map((days) => attempt(day(days)))
  const step = decide({ attempts }, day(7) + 1)
  expect(step).toMatchObject({
    state: 'exhausted',
    action: { kind: 'finish', finalAction: 'mark_uncollectible' },
    messages: [{ message: 'final', dedupeKey: 'dunning:case_1:final' }],
    nextAt: null,
  })
  expect(
    decide({ attempts, invoiceState: 'uncollectible', sent: ['final'] }, day(8)),
  ).toMatchObject({ state: 'exhausted', action: { kind: 'none' }, messages: [] })
})

test('a lost or stolen card is not tried again; its owner has until the end of the schedule', () => {
  const attempts = [attempt(OPENED, 'stolen_card')]
  expect(decide({ attempts }, day(3))).toMatchObject({
    action: { kind: 'none' },
    needsNewPaymentMethod: true,
  })
  expect(decide({ attempts }, day(7)).state).toBe('exhausted')
})

test('a bank that says do_not_honor twice means it', () => {
  const once = [attempt(OPENED, 'do_not_honor')]
  expect(isHardDecline(once)).toBe(false)
  expect(isHardDecline([...once, attempt(day(1), 'do_not_honor')])).toBe(true)
  expect(isHardDecline([...once, attempt(day(1))])).toBe(false)
})

test('a new payment method is tried at once, hard decline or not, and only once', () => {
  const attempts = [attempt(OPENED, 'lost_card')]
  const renewed = { attempts, newPaymentMethodAt: day(2) }
  expect(decide(renewed, day(2))).toMatchObject({
    action: { kind: 'retry', attempt: 2, why: 'new_payment_method' },
    needsNewPaymentMethod: false,
  })
  const tried = { ...renewed, attempts: [...attempts, attempt(day(2))] }
  expect(decide(tried, day(2) + 1).action).toEqual({ kind: 'none' })
})

test('while an attempt is under way nothing else is tried', () => {
  const attempts = [attempt(OPENED), attempt(day(1), '', 'pending')]
  expect(decide({ attempts, newPaymentMethodAt: day(2) }, day(3)).action).toEqual({ kind: 'none' })
})

test('Stripe’s own retries are left to Stripe until it gives up', () => {
  const stripe = { ...DEFAULT_DUNNING, retries: 'stripe' as const }
  expect(decide({}, day(9), stripe).action).toEqual({ kind: 'none' })
  expect(decide({ newPaymentMethodAt: day(1) }, day(1), stripe).action.kind).toBe('retry')
  expect(decide({ hasStripeGivenUp: true }, day(9), stripe).action.kind).toBe('finish')
})

const messages = (changes: Partial<DunningCase>, now: number) =>
  decide(changes, now).messages.map(({ message }) => message)

test('U51 each message goes out once: failure, a day before the block, at the block', () => {
  const sent: DunningMessage[] = ['payment_failed']
  expect(messages({}, OPENED)).toEqual(['payment_failed'])
  expect(messages({ sent }, day(2) - 1)).toEqual([])
  expect(messages({ sent }, day(2))).toEqual(['blocking_soon'])
  expect(messages({ sent: [...sent, 'blocking_soon'] }, day(3))).toEqual(['blocked'])
  expect(messages({ sent: [...sent, 'blocking_soon', 'blocked'] }, day(4))).toEqual([])
})

test('nobody is warned of a block that has begun, or warned twice in one breath', () => {
  expect(messages({ sent: ['payment_failed'] }, day(3))).toEqual(['blocked'])
  expect(messages({ blocksAt: OPENED + HOUR_MS }, OPENED)).toEqual(['payment_failed'])
  expect(messages({ blocksAt: null, sent: ['payment_failed'] }, day(9))).not.toContain('blocked')
})

test('recovery is said to those who heard of the failure, and a voided invoice to nobody', () => {
  expect(decide({ invoiceState: 'paid', sent: ['payment_failed'] }, day(2))).toMatchObject({
    state: 'recovered',
    messages: [{ message: 'recovered' }],
  })
  expect(messages({ invoiceState: 'paid' }, day(2))).toEqual([])
  expect(decide({ invoiceState: 'void', sent: ['payment_failed'] }, day(2))).toMatchObject({
    state: 'canceled',
    messages: [],
  })
})
