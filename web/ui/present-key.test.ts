import { expect, test } from 'vitest'
import { type ApiKey, maskedKey, sortKeys, stateOf } from './present-key.ts'

const NOW = Date.parse('2026-03-16T12:00:00Z')

const aKey = (over: Partial<ApiKey> = {}): ApiKey => ({
  id: 'key_1',
  name: 'Production',
  start: 'fb_live_8Kq2',
  lastFour: 'h4Qz',
  state: 'active',
  subscriptionId: null,
  rotatedToId: null,
  expiresAt: null,
  lastUsedAt: null,
  createdAt: '2026-01-01T00:00:00Z',
  revokedAt: null,
  ...over,
})

test('a replaced key says until when it still works', () => {
  const key = aKey({ rotatedToId: 'key_2', expiresAt: '2026-03-17T12:00:00Z' })

  expect(stateOf(key, NOW)).toEqual({
    word: 'replaced',
    tone: 'warning',
    endsAt: '2026-03-17T12:00:00Z',
  })
})

test('a key whose time is over is expired, however it is stored', () => {
  expect(stateOf(aKey({ expiresAt: '2026-03-16T12:00:00Z' }), NOW).word).toBe('expired')
})

test('revoked stays revoked, even before its expiry', () => {
  const key = aKey({ state: 'revoked', expiresAt: '2027-01-01T00:00:00Z' })

  expect(stateOf(key, NOW)).toEqual({ word: 'revoked', tone: 'neutral', endsAt: null })
})

test('keys that work come before those that do not, otherwise in the order given', () => {
  const keys = [
    aKey({ id: 'a', state: 'revoked' }),
    aKey({ id: 'b' }),
    aKey({ id: 'c', expiresAt: '2020-01-01T00:00:00Z' }),
    aKey({ id: 'd', state: 'disabled' }),
  ]

  expect(sortKeys(keys, NOW).map(({ id }) => id)).toEqual(['b', 'd', 'a', 'c'])
})

test('a masked key shows its mode and its end, never its middle', () => {
  expect(maskedKey(aKey())).toBe('fb_live_8Kq2…h4Qz')
})
