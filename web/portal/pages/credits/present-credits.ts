import type { ResponseOf } from '../../../../src/client/client.ts'
import { creditWords } from '../../../ui/credit-words.ts'
import { countedDuration } from '../../../ui/pricing/duration-words.ts'

export type Credits = ResponseOf<'get', '/api/v1/portal/credits'>
export type Pack = Credits['packs'][number]

/** `1,000 requests, valid for 1 year`. */
export function packWords({ amountPerPack, unit, validFor }: Pack): string {
  const validity = validFor === null ? 'without an end' : `valid for ${countedDuration(validFor)}`
  return `${creditWords(amountPerPack, unit)}, ${validity}`
}
