import { hash } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Letters and digits that follow from the text alone: the same seed gives the same ids. At most 64 characters. */
export function deriveToken(text: string, length: number): string {
  const digest = hash('sha512', text, 'buffer')
  let token = ''
  for (let index = 0; index < length; index++) token += ALPHABET[(digest[index] ?? 0) % 62]
  return token
}

/** `acct_…` of whoever holds the key: what follows `sk_test_` or `sk_live_` decides, so both open the same account. */
export function accountIdOfKey(keySuffix: string): string {
  return `acct_1${deriveToken(`account:${keySuffix}`, 15)}`
}
