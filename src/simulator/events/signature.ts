import { hmacSha256Hex } from '../../kit/crypto.ts'

/**
 * The `Stripe-Signature` header: a `v1` for every valid secret while one is being rolled, and in test mode a `v0` that
 * verifiers must ignore.
 */
export function signatureHeader(
  payload: string,
  {
    secrets,
    timestamp,
    isLive,
  }: { secrets: readonly string[]; timestamp: number; isLive: boolean },
): string {
  const signed = secrets.map((secret) => `v1=${hmacSha256Hex(secret, `${timestamp}.${payload}`)}`)
  const decoy = isLive ? [] : [`v0=${hmacSha256Hex('v0', `${timestamp}.${payload}`)}`]
  return [`t=${timestamp}`, ...signed, ...decoy].join(',')
}
