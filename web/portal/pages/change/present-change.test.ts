import { expect, test } from 'vitest'
import { type ChangePreview, changeWords, gains } from './present-change.ts'

const usd = (amountMinor: number) => ({ amountMinor, currency: 'usd' })

const aPreview = (over: Partial<ChangePreview> = {}): ChangePreview => ({
  quoteId: 'change_1',
  expiresAt: '2026-03-16T12:30:00Z',
  way: 'in_place',
  kind: 'plan',
  direction: 'upgrade',
  timing: 'immediate',
  effectiveAt: '2026-03-16T12:00:00Z',
  from: { planKey: 'pro', planName: 'Pro', planVersion: 1 },
  to: { planKey: 'scale', planName: 'Scale', planVersion: 1 },
  period: { startsAt: '2026-03-16T12:00:00Z', endsAt: '2026-04-16T12:00:00Z' },
  invoice: null,
  payment: { kind: 'none', amount: usd(0) },
  nextInvoice: null,
  quotas: [],
  addOns: [],
  notices: [],
  ...over,
})

test('what is charged now stands on the button, and the old plan stays until it is paid', () => {
  const preview = aPreview({ payment: { kind: 'before_change', amount: usd(7000) } })

  expect(changeWords(preview)).toMatchObject({
    when: 'Scale begins as soon as it is paid; until then you keep Pro.',
    cost: '$70.00 is charged now.',
    verb: 'Pay $70.00 and change',
  })
})

test('a downgrade says until when the old plan is kept and what the next invoice is', () => {
  const preview = aPreview({
    direction: 'downgrade',
    timing: 'at_period_end',
    effectiveAt: '2026-04-01T12:00:00Z',
    nextInvoice: { at: '2026-04-01T12:00:00Z', fees: usd(2900), amountDue: usd(2900) },
  })

  const { when, cost, verb } = changeWords(preview)

  expect(when).toBe('You keep Pro until Apr 1, 2026, then Scale begins.')
  expect(cost).toBe(
    'Nothing is due now. The next invoice, on Apr 1, 2026, is $29.00 plus usage that is billed.',
  )
  expect(verb).toBe('Change on Apr 1, 2026')
})

test('money that comes back is said to stay on the account', () => {
  const preview = aPreview({ payment: { kind: 'credit', amount: usd(1234) } })

  expect(changeWords(preview).cost).toContain('$12.34 of what you have paid is left')
})

test('from a plan that costs nothing the payment page comes first', () => {
  expect(changeWords(aPreview({ way: 'checkout' })).verb).toBe('Go to payment')
})

test('a limit that is not there is not the same as no limit', () => {
  const aQuota = (featureKey: string, limitBefore?: string | null) => ({
    featureKey,
    featureName: featureKey,
    limitBefore,
    limitAfter: '10',
    usedAfter: '0',
    remainingAfter: '10',
    resetsAt: null,
  })
  const quotas = [aQuota('a', '10000'), aQuota('b', null), aQuota('c')]

  expect(gains(aPreview({ quotas })).map(({ before }) => before)).toEqual([
    '10,000',
    'unlimited',
    '–',
  ])
})

const extra = (quantityBefore: number, quantityAfter: number): Partial<ChangePreview> => ({
  kind: 'add_ons',
  addOns: [{ key: 'extra', name: 'Extra calls', quantityBefore, quantityAfter }],
})

test('an add-on is named with how often it is there afterwards, and counts once it is paid', () => {
  const preview = aPreview({
    ...extra(1, 3),
    payment: { kind: 'before_change', amount: usd(1000) },
    nextInvoice: { at: '2026-04-01T12:00:00Z', fees: usd(5900), amountDue: usd(5900) },
  })

  expect(changeWords(preview)).toEqual({
    when: 'You have 3 × Extra calls as soon as it is paid.',
    cost: '$10.00 is charged now. The next invoice, on Apr 1, 2026, is $59.00 plus usage that is billed.',
    verb: 'Pay $10.00 and add',
    keep: 'Keep it as it is',
    done: 'You have 3 × Extra calls',
  })
  expect(gains(preview)).toEqual([
    { key: 'add-on extra', name: 'Extra calls', before: '1', after: '3', left: null },
  ])
})

test('an add-on that is removed says until when it is there', () => {
  const end = { timing: 'at_period_end', effectiveAt: '2026-04-01T12:00:00Z' } as const

  expect(changeWords(aPreview({ ...extra(2, 0), ...end }))).toMatchObject({
    when: 'You have Extra calls until Apr 1, 2026, which is paid for.',
    verb: 'Remove on Apr 1, 2026',
    done: 'Extra calls ends on Apr 1, 2026',
  })
  expect(changeWords(aPreview({ ...extra(2, 1), ...end })).when).toBe(
    'You keep what you have until Apr 1, 2026, then you have 1 × Extra calls.',
  )
})
