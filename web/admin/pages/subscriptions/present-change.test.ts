import { expect, test } from 'vitest'
import {
  type ChangePreview,
  paymentWords,
  pendingWords,
  refusalToAddOns,
  refusalToChange,
  verbOf,
  whenWords,
} from './present-change.ts'

const usd = (amountMinor: number) => ({ amountMinor, currency: 'usd' })
const AT = '2026-12-01T00:00:00Z'
const PREVIEW: ChangePreview = {
  quoteId: 'quote_1',
  expiresAt: AT,
  way: 'in_place',
  kind: 'plan',
  direction: 'upgrade',
  timing: 'immediate',
  effectiveAt: AT,
  from: { planKey: 'pro', planName: 'Pro', planVersion: 1 },
  to: { planKey: 'scale', planName: 'Scale', planVersion: 1 },
  period: { startsAt: AT, endsAt: AT },
  invoice: null,
  payment: { kind: 'before_change', amount: usd(3500) },
  nextInvoice: null,
  quotas: [],
  addOns: [],
  notices: [],
}

test('an upgrade says what is charged now, on its button too', () => {
  expect(whenWords(PREVIEW)).toBe('An upgrade, at once')
  expect(paymentWords(PREVIEW)).toMatch(/^\$35\.00 is charged now/)
  expect(verbOf(PREVIEW)).toBe('Charge $35.00')
})

test('a downgrade is scheduled and charges nothing', () => {
  const preview: ChangePreview = {
    ...PREVIEW,
    direction: 'downgrade',
    timing: 'at_period_end',
    payment: { kind: 'none', amount: usd(0) },
  }
  expect(whenWords(preview)).toBe('A downgrade, on Dec 1, 2026')
  expect(paymentWords(preview)).toBe('Nothing is charged for the change.')
  expect(verbOf(preview)).toBe('Schedule change')
})

test('a change that is under way says so and keeps others out', () => {
  const change = {
    state: 'scheduled',
    kind: 'plan',
    planKey: 'free',
    planName: 'Free',
    planVersion: 1,
    addOns: [],
    effectiveAt: AT,
    payment: null,
  } satisfies Parameters<typeof pendingWords>[0]
  expect(pendingWords(change, [])).toBe('Changes to Free on Dec 1, 2026')
  expect(refusalToChange({ lifecycle: 'active', change })).toMatch(/under way/)
  expect(refusalToChange({ lifecycle: 'active', change: null })).toBeUndefined()
  expect(refusalToChange({ lifecycle: 'ended', change: null })).toMatch(/ended/)
})

test('a change of add-ons names them and nothing of another plan', () => {
  const addOns = [{ key: 'calls', name: 'Calls', quantityBefore: 0, quantityAfter: 2 }]
  const preview: ChangePreview = { ...PREVIEW, kind: 'add_ons', to: PREVIEW.from, addOns }
  const calls = { key: 'calls', name: 'Calls', version: 1, quantity: 2 }
  const change = {
    state: 'scheduled',
    kind: 'add_ons',
    planKey: 'pro',
    planName: 'Pro',
    planVersion: 1,
    addOns: [],
    effectiveAt: AT,
    payment: null,
  } satisfies Parameters<typeof pendingWords>[0]

  expect(whenWords(preview)).toBe('2 × Calls is added, at once')
  expect(verbOf({ ...preview, payment: { kind: 'none', amount: usd(0) } })).toBe('Change add-ons')
  expect(pendingWords(change, [calls])).toBe('Add-ons change on Dec 1, 2026. Calls ends')
  expect(refusalToAddOns({ lifecycle: 'active', change })).toMatch(/under way/)
  expect(refusalToAddOns({ lifecycle: 'trialing', change: null })).toMatch(/trial/)
  expect(refusalToAddOns({ lifecycle: 'active', change: null })).toBeUndefined()
})
