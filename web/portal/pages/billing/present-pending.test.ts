import { expect, test } from 'vitest'
import { pendingWords } from './present-pending.ts'
import type { Subscription } from './present-subscription.ts'

const calls = (quantity: number) => ({ key: 'calls', name: 'Calls', version: 1, quantity })
const having = (...addOns: ReturnType<typeof calls>[]) =>
  ({ planName: 'Pro', addOns }) as unknown as Subscription
const aChange = (over: Partial<NonNullable<Subscription['change']>>) => ({
  state: 'scheduled' as const,
  kind: 'add_ons' as const,
  planKey: 'pro',
  planName: 'Pro',
  planVersion: 1,
  addOns: [],
  effectiveAt: '2026-04-16T12:00:00Z',
  payment: null,
  ...over,
})

test('where only add-ons change nothing is said of another plan', () => {
  expect(pendingWords(having(calls(3)), aChange({ addOns: [calls(1)] }))).toEqual({
    title: 'Your add-ons change on Apr 16, 2026',
    body: 'Calls: 3 → 1. Until then everything stays as it is.',
    undo: 'Keep my add-ons',
  })
  const waiting = aChange({ state: 'awaiting_payment', addOns: [calls(2)] })
  expect(pendingWords(having(), waiting).title).toBe('2 × Calls waits for its payment')
})

test('another plan says which add-ons end with it', () => {
  const change = aChange({ kind: 'plan', planKey: 'free', planName: 'Free' })

  expect(pendingWords(having(calls(1)), change)).toMatchObject({
    title: 'Free begins on Apr 16, 2026',
    body: 'Until then everything stays as it is. Then: Calls ends.',
    undo: 'Stay on Pro',
  })
})
