import { StripeError } from './errors.ts'
import { headerOf, type Incoming } from './http.ts'

export interface PresentedKey {
  readonly key: string
  readonly kind: 'secret' | 'restricted' | 'publishable'
  readonly isLive: boolean
  /** What follows the prefix; it decides whose account a secret key opens. */
  readonly suffix: string
}

const KEY = /^(sk|rk|pk)_(test|live)_([A-Za-z0-9_]{1,240})$/
const KINDS = { sk: 'secret', rk: 'restricted', pk: 'publishable' } as const

/** Reads the key from `Authorization: Bearer …` or, as curl sends it, from Basic's user name. */
export function readKey(incoming: Incoming): PresentedKey {
  const text = presentedText(incoming)
  if (text === undefined) throw unauthorized(MISSING)
  const match = KEY.exec(text)
  const kind = KINDS[match?.[1] as keyof typeof KINDS]
  if (match === null) throw invalidKey(text)
  return { key: text, kind, isLive: match[2] === 'live', suffix: match[3] ?? '' }
}

export function presentedText(incoming: Incoming): string | undefined {
  const header = headerOf(incoming, 'authorization')?.trim()
  const [scheme = '', value = ''] = header?.split(/\s+/, 2) ?? []
  if (scheme.toLowerCase() === 'bearer' && value !== '') return value
  if (scheme.toLowerCase() !== 'basic') return undefined
  const [user = ''] = Buffer.from(value, 'base64').toString('utf8').split(':')
  return user === '' ? undefined : user
}

export function invalidKey(key: string): StripeError {
  return unauthorized(`Invalid API Key provided: ${redact(key)}`)
}

export function expiredKey(key: string): StripeError {
  return unauthorized(`Expired API Key provided: ${redact(key)}`, 'api_key_expired')
}

export function secretKeyRequired(): StripeError {
  return new StripeError(403, {
    type: 'invalid_request_error',
    code: 'secret_key_required',
    message:
      'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.',
  })
}

export function missingPermission(key: string, permission: string): StripeError {
  return new StripeError(403, {
    type: 'invalid_request_error',
    message: `The provided key '${redact(key)}' does not have the required permissions for this endpoint. Having the '${permission}' permission would allow this request to continue.`,
  })
}

/** As Stripe shows keys: enough to recognize one's own, useless to others. */
export function redact(key: string): string {
  const prefix = /^(?:sk|rk|pk)_(?:test|live)_/.exec(key)?.[0] ?? ''
  const rest = key.slice(prefix.length)
  if (rest.length <= 4) return `${prefix}${'*'.repeat(rest.length)}`
  return `${prefix}${'*'.repeat(Math.min(rest.length - 4, 20))}${rest.slice(-4)}`
}

const MISSING =
  "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/."

function unauthorized(message: string, code?: string): StripeError {
  return new StripeError(
    401,
    { type: 'invalid_request_error', message, code },
    { headers: { 'WWW-Authenticate': 'Bearer realm="Stripe"' } },
  )
}
