import { expect, test } from 'vitest'
import {
  type AddOn,
  heldWords,
  wantedAddOns,
  wantedQuantity,
  whyNotAddOns,
} from './present-add-on.ts'
import type { Subscription } from './present-subscription.ts'

const anAddOn = (key: string, quantity: number, maximumQuantity: number | null = null) =>
  ({
    key,
    quantity,
    isOnSale: true,
    definition: { name: key, addOn: { planKeys: ['pro'], maximumQuantity } },
  }) as unknown as AddOn

const aChange = (over: Partial<NonNullable<Subscription['change']>> = {}) => ({
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
const held = { key: 'calls', name: 'Calls', version: 1, quantity: 2 }

test('an add-on says how much of it there is, and when it becomes less or ends', () => {
  const calls = anAddOn('calls', 2)
  const less = aChange({ addOns: [{ ...held, quantity: 1 }] })

  expect(heldWords(anAddOn('support', 0), { addOns: [held], change: null })).toBeNull()
  expect(heldWords(calls, { addOns: [held], change: null })).toBe('You have 2')
  expect(heldWords(calls, { addOns: [held], change: less })).toBe(
    'You have 2, 1 from Apr 16, 2026 on',
  )
  expect(heldWords(calls, { addOns: [held], change: aChange() })).toBe(
    'You have 2 until Apr 16, 2026',
  )
})

test('what is asked for keeps everything else and stays within what can be had', () => {
  const all = [anAddOn('calls', 2, 5), anAddOn('support', 1), anAddOn('other', 0)]
  const [calls = anAddOn('calls', 0)] = all

  expect(wantedQuantity(calls, '9')).toBe(5)
  expect(wantedQuantity(calls, 'many')).toBe(3)
  expect(wantedAddOns(all, 'calls', 0)).toEqual([{ key: 'support', quantity: 1 }])
  expect(wantedAddOns(all, 'other', 1)).toEqual([
    { key: 'calls', quantity: 2 },
    { key: 'support', quantity: 1 },
    { key: 'other', quantity: 1 },
  ])
})

test('add-ons wait for whatever else is under way, and only fewer of them for terms that are scheduled', () => {
  const terms = aChange({ kind: 'terms' })

  expect(whyNotAddOns({ lifecycle: 'active', change: null }, true)).toBeUndefined()
  expect(whyNotAddOns({ lifecycle: 'active', change: aChange() }, false)).toMatch(/Take it back/)
  expect(whyNotAddOns({ lifecycle: 'active', change: terms }, false)).toBeUndefined()
  expect(whyNotAddOns({ lifecycle: 'active', change: terms }, true)).toMatch(/next period/)
  expect(whyNotAddOns({ lifecycle: 'trialing', change: null }, false)).toMatch(/trial/)
})
