import { expect, test } from 'vitest'
import type { ApiKey } from '../../../ui/present-key.ts'
import { chooseKey } from './choose-key.ts'

const NOW = Date.parse('2026-03-16T12:00:00Z')

const aKey = (id: string, over: Partial<ApiKey> = {}): ApiKey => ({
  id,
  name: id,
  start: 'fb_test_8Kq2',
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

test('a key that waits to be seen comes first', () => {
  expect(chooseKey([aKey('a'), aKey('b')], ['b'], NOW)).toMatchObject({
    kind: 'unseen',
    key: { id: 'b' },
  })
})

test('a revoked key is not offered, seen or not', () => {
  const revoked = aKey('a', { state: 'revoked' })

  expect(chooseKey([revoked], ['a'], NOW)).toEqual({ kind: 'none' })
  expect(chooseKey([revoked, aKey('b')], [], NOW)).toMatchObject({ kind: 'seen', key: { id: 'b' } })
})

test('the successor of a replaced key is better than the key that will end', () => {
  const replaced = aKey('a', { rotatedToId: 'b', expiresAt: '2026-03-17T00:00:00Z' })

  expect(chooseKey([replaced, aKey('b')], [], NOW)).toMatchObject({ key: { id: 'b' } })
  expect(chooseKey([replaced], [], NOW)).toMatchObject({ key: { id: 'a' } })
})
