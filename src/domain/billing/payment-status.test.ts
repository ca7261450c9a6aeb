import { expect, test } from 'vitest'
import { at } from '../../../test/support/plans.ts'
import { DAY_MS, HOUR_MS } from '../../kit/instant.ts'
import {
  daysToMs,
  graceEndsAt,
  type InvoiceStanding,
  paymentStatusOf,
  resolveGrace,
} from './payment-status.ts'

const DUE = at('2026-03-01')
const PAUSING = { pauseWhileProcessing: true }

const invoice = (changes: Partial<InvoiceStanding> = {}): InvoiceStanding => ({
  state: 'open',
  amountDueMinor: 2900n,
  amountPaidMinor: 0n,
  dueAt: DUE,
  attemptCount: 0,
  ...changes,
})
const paid = invoice({ state: 'paid', amountPaidMinor: 2900n })
const failed = invoice({ attemptCount: 1 })

test('S3.16 the payment status is that of the worst unpaid invoice', () => {
  const status = (...invoices: InvoiceStanding[]) => paymentStatusOf(invoices).status
  expect(status()).toBe('not_required')
  expect(status(invoice({ state: 'paid', amountDueMinor: 0n }))).toBe('not_required')
  expect(status(paid)).toBe('paid')
  expect(status(paid, invoice())).toBe('pending')
  expect(status(paid, invoice(), failed)).toBe('failed')
  expect(status(failed, invoice({ state: 'uncollectible' }))).toBe('uncollectible')
})

test('what is void, a draft, free or paid does not count against anybody', () => {
  const harmless = [
    invoice({ state: 'void', attemptCount: 3 }),
    invoice({ state: 'draft' }),
    invoice({ amountDueMinor: 0n }),
    invoice({ amountPaidMinor: 2900n }),
  ]
  expect(paymentStatusOf([paid, ...harmless])).toEqual({ status: 'paid', overdueSince: null })
})

test('a payment that is processing or waits for the customer is pending, not failed', () => {
  const status = (attempt: 'processing' | 'requires_action' | 'failed') =>
    paymentStatusOf([invoice({ attemptCount: 1, attempt })]).status
  expect(status('processing')).toBe('pending')
  expect(status('requires_action')).toBe('pending')
  expect(status('failed')).toBe('failed')
})

test('a phase that is free now is not required to be paid, whatever was paid before', () => {
  expect(paymentStatusOf([paid], false).status).toBe('not_required')
  expect(paymentStatusOf([], true).status).toBe('paid')
  expect(paymentStatusOf([failed], false).status).toBe('failed')
})

test('overdue counts from the oldest invoice that is unpaid', () => {
  const older = invoice({ dueAt: DUE - DAY_MS })
  expect(paymentStatusOf([failed, older, { ...paid, dueAt: 0 }]).overdueSince).toBe(DUE - DAY_MS)
})

test('S3.37 grace is the customer’s, else the plan’s, else the mode’s, else three days', () => {
  const rule = (maxPaymentOverdueDays: string | null, metadata = {}) => ({
    maxPaymentOverdueDays,
    metadata,
  })
  expect(resolveGrace(rule('0'), rule('7'), rule('5'))).toEqual({ days: '0', source: 'customer' })
  expect(resolveGrace(rule(null), rule('7'), rule('5'))).toEqual({ days: '7', source: 'plan' })
  expect(resolveGrace(null, rule(null), rule('5'))).toEqual({ days: '5', source: 'mode' })
  expect(resolveGrace(null, null, null)).toEqual({ days: '3', source: 'default' })
})

test('S3.17 the older name in metadata is read as well, and nonsense in it is not', () => {
  const rule = (days: string) => ({
    maxPaymentOverdueDays: null,
    metadata: { zuplo_max_payment_overdue_days: days },
  })
  expect(resolveGrace(rule('1.5'), null, null)).toEqual({ days: '1.5', source: 'customer' })
  expect(resolveGrace(rule('soon'), null, null).source).toBe('default')
  expect(resolveGrace(rule('-1'), null, null).source).toBe('default')
})

test('grace may be a part of a day, and zero ends it at once', () => {
  const endsAt = (days: string) => graceEndsAt([failed], { days, source: 'plan' }, PAUSING, DUE)
  expect(endsAt('0.5')).toBe(DUE + 12 * HOUR_MS)
  expect(endsAt('0')).toBe(DUE)
  expect(daysToMs('0.00001')).toBe(864)
})

test('while a bank debit is processing no clock runs, and afterwards the time it took is given back', () => {
  const grace = { days: '3', source: 'default' as const }
  const debit = (endsAt: number | null) =>
    invoice({ attempt: 'processing', processing: [{ startsAt: DUE + DAY_MS, endsAt }] })
  const now = DUE + 10 * DAY_MS
  expect(graceEndsAt([debit(null)], grace, PAUSING, now)).toBeNull()
  expect(graceEndsAt([debit(DUE + 5 * DAY_MS)], grace, PAUSING, now)).toBe(DUE + 7 * DAY_MS)
  expect(graceEndsAt([debit(null)], grace, { pauseWhileProcessing: false }, now)).toBe(
    DUE + 3 * DAY_MS,
  )
})

test('a debit that began after grace had ended brings no access back', () => {
  const late = invoice({ processing: [{ startsAt: DUE + 4 * DAY_MS, endsAt: null }] })
  const grace = { days: '3', source: 'default' as const }
  expect(graceEndsAt([late], grace, PAUSING, DUE + 5 * DAY_MS)).toBe(DUE + 3 * DAY_MS)
})
