import type { ResponseOf } from '../../src/client/client.ts'
import type { Tone } from './badge.tsx'

export type ApiKey = ResponseOf<'get', '/api/v1/portal/keys'>['data'][number]

export interface KeyState {
  readonly word: string
  readonly tone: Tone
  /** When a replaced key stops working, or any key that ends. */
  readonly endsAt: string | null
}

/** What a key is for its owner, which is more than its stored state says. */
export function stateOf(key: ApiKey, now: number): KeyState {
  if (key.state === 'revoked') return { word: 'revoked', tone: 'neutral', endsAt: null }
  if (key.state === 'disabled') return { word: 'disabled', tone: 'warning', endsAt: null }
  const { expiresAt } = key
  if (expiresAt === null) return { word: 'active', tone: 'success', endsAt: null }
  if (Date.parse(expiresAt) <= now) return { word: 'expired', tone: 'neutral', endsAt: null }
  const word = key.rotatedToId === null ? 'active' : 'replaced'
  return { word, tone: word === 'active' ? 'success' : 'warning', endsAt: expiresAt }
}

/** `fb_live_8Kq2…h4Qz`: enough to recognize a key by. */
export function maskedKey({ start, lastFour }: Pick<ApiKey, 'start' | 'lastFour'>): string {
  return `${start}…${lastFour}`
}

/** Keys that work first, then by name of state; within each the newest first, as the API lists them. */
export function sortKeys(keys: readonly ApiKey[], now: number): ApiKey[] {
  const isUsable = (key: ApiKey) => stateOf(key, now).tone !== 'neutral'
  return [...keys.filter(isUsable), ...keys.filter((key) => !isUsable(key))]
}
