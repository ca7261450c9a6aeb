import { type ApiKey, stateOf } from '../../../ui/present-key.ts'

/** What there is to call the API with. */
export type KeyToUse =
  /** It came with the subscription and waits to be seen. */
  | { readonly kind: 'unseen'; readonly key: ApiKey }
  | { readonly kind: 'seen'; readonly key: ApiKey }
  | { readonly kind: 'none' }

export function chooseKey(
  keys: readonly ApiKey[],
  unseenIds: readonly string[],
  now: number,
): KeyToUse {
  const working = keys.filter((key) => ['active', 'replaced'].includes(stateOf(key, now).word))
  const unseen = working.find(({ id }) => unseenIds.includes(id))
  if (unseen !== undefined) return { kind: 'unseen', key: unseen }
  const seen = working.find(({ rotatedToId }) => rotatedToId === null) ?? working[0]
  return seen === undefined ? { kind: 'none' } : { kind: 'seen', key: seen }
}
