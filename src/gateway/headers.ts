/**
 * Which header fields pass the gateway. Hop-by-hop fields end here (RFC 9110, 7.6.1), credentials are for the gateway
 * alone, and what the gateway says itself may not be said by anybody else.
 */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
])

/** What upstreams believe because the gateway says it. */
const SAID_TO_UPSTREAM = new Set([
  'host',
  'expect',
  // Trailers of requests end here: neither lane passes them on.
  'trailer',
  'x-api-key',
  'x-request-id',
  'x-customer-id',
  'x-user-id',
  'x-user-plan',
  'x-subscription-id',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-real-ip',
])

/** What clients believe because the gateway says it. */
const SAID_TO_CLIENT = new Set([
  'x-request-id',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'ratelimit',
  'ratelimit-policy',
  'x-quota-limit',
  'x-quota-used',
  'x-quota-remaining',
  'x-quota-reset',
  'x-quota-warning',
  'x-billing-status',
  'x-billing-grace-ends',
  'x-metering-status',
])

const ENTITLEMENT_PREFIX = 'x-entitlement-'

/**
 * `name` in lower case. Authorization is decided by whoever knows which credential was used. Servers that hand fields on
 * as variables (CGI, WSGI, Rack, PHP) read `x_customer_id` as `x-customer-id`, so what one name may not say, the other
 * may not either.
 */
export function passesToUpstream(name: string): boolean {
  if (name.includes('_')) {
    const alias = name.replaceAll('_', '-')
    return alias !== 'content-length' && passesToUpstream(alias)
  }
  return (
    !HOP_BY_HOP.has(name) && !SAID_TO_UPSTREAM.has(name) && !name.startsWith(ENTITLEMENT_PREFIX)
  )
}

export function passesToClient(name: string): boolean {
  return !HOP_BY_HOP.has(name) && !SAID_TO_CLIENT.has(name)
}

/** The fields a Connection header names: meant for the next hop only. */
export function namedInConnection(value: string | undefined): ReadonlySet<string> | null {
  if (value === undefined || /^(?:keep-alive|close)$/i.test(value.trim())) return null
  return new Set(
    value
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
}

/** `name: value` lines, each ended by CRLF, as a flat list. */
export function pairsOf(lines: string): string[] {
  const pairs: string[] = []
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(': ')
    if (colon > 0) pairs.push(line.slice(0, colon), line.slice(colon + 2))
  }
  return pairs
}

/** A Host value as routes match it: lower case, no port. */
export function hostName(authority: string): string {
  const end = authority.startsWith('[') ? authority.indexOf(']') + 1 : authority.indexOf(':')
  return (end > 0 ? authority.slice(0, end) : authority).toLowerCase()
}
