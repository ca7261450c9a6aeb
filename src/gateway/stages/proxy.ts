import { type Exchange, refuse, type REFUSED } from '../exchange.ts'
import type { Target } from '../upstreams/target.ts'

/**
 * 5. Passes the request on. What is decided here is the same in both lanes: which target, under which name and path, and
 * what the upstream is told about the caller. Moving the bytes is the lane's work.
 */
export function chooseTarget(exchange: Exchange, tried: readonly Target[]): Target | null {
  const upstream = exchange.route?.upstream
  // When all were tried, the first may be tried again: it may just have closed an idle connection.
  const target = upstream?.choose(exchange.at, tried) ?? upstream?.choose(exchange.at, []) ?? null
  target?.trying()
  exchange.hasUpstream = true
  return target
}

/** The request target as the upstream gets it. */
export function upstreamTarget({ upstreamPath, query }: Exchange, { basePath }: Target): string {
  return basePath + upstreamPath + query
}

/** What the gateway tells the upstream, one header line each; clients' own copies of these are dropped. */
export function gatewayLines(exchange: Exchange, target: Target): string {
  return callerLines(exchange, target) + requestIdLine(exchange) + forwardingLines(exchange)
}

/** Who calls, under which name. */
export function callerLines({ access, authority, route }: Exchange, target: Target): string {
  const isClients = route?.upstream.upstream.policy.hostHeader === 'client'
  const host = isClients ? `Host: ${authority}\r\n` : target.hostLine
  return access === null ? host : host + access.identityLines
}

export function requestIdLine({ id }: Exchange): string {
  return `X-Request-Id: ${id}\r\n`
}

/** The same for all requests of a connection that name the same host. */
export function forwardingLines(exchange: Exchange): string {
  switch (exchange.route?.upstream.upstream.policy.forwarding) {
    case 'x_forwarded':
      return xForwardedLines(exchange)
    case 'forwarded':
      return forwardedLine(exchange)
    default:
      return ''
  }
}

function xForwardedLines({ peerAddress, forwardedFor, scheme, authority }: Exchange): string {
  const chain = forwardedFor === '' ? peerAddress : `${forwardedFor}, ${peerAddress}`
  return `X-Forwarded-For: ${chain}\r\nX-Forwarded-Proto: ${scheme}\r\nX-Forwarded-Host: ${authority}\r\n`
}

/** RFC 7239; addresses of IPv6 stand in brackets and quotes. */
function forwardedLine({ peerAddress, forwardedFor, scheme, authority }: Exchange): string {
  const before = forwardedFor === '' ? '' : `${forwardedFor.split(', ').map(forNode).join(', ')}, `
  return `Forwarded: ${before}${forNode(peerAddress)};proto=${scheme};host="${authority}"\r\n`
}

function forNode(address: string): string {
  return address.includes(':') ? `for="[${address}]"` : `for=${address}`
}

/** No target is left that may be tried. */
export function refuseUnavailable(exchange: Exchange): typeof REFUSED {
  return refuse(exchange, 'upstream_unavailable', {}, { retryAfterSeconds: 1, actions: ['wait'] })
}

/** Methods that change nothing may be sent again when nobody knows whether they arrived. */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}
