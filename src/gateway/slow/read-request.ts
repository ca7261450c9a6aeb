import type { IncomingMessage } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import { modeOfSecret } from '../../domain/keys/api-key.ts'
import { type ClientAddresses, plainAddress } from '../client-address.ts'
import { type Exchange, PASSED, refuse, type REFUSED } from '../exchange.ts'
import { hostName, namedInConnection, passesToUpstream } from '../headers.ts'

/**
 * Fills an exchange from what Node's parser read. What has two meanings is refused here: two credentials, two hosts, a
 * target that names another host than the Host field.
 */
export function readRequest(
  request: IncomingMessage,
  exchange: Exchange,
  addresses: ClientAddresses,
): typeof PASSED | typeof REFUSED {
  exchange.reset()
  exchange.method = request.method ?? ''
  const isTls = 'encrypted' in request.socket
  const forwardedProto = request.headers['x-forwarded-proto']
  exchange.peerAddress = plainAddress(request.socket.remoteAddress ?? '')
  const isProxied = addresses.isTrusted(exchange.peerAddress)
  exchange.scheme = isTls || (isProxied && forwardedProto === 'https') ? 'https' : 'http'
  const { address, chain } = addresses.of(
    exchange.peerAddress,
    String(request.headers['x-forwarded-for'] ?? ''),
  )
  exchange.address = address
  exchange.forwardedFor = chain
  exchange.idempotencyKey = String(request.headers['idempotency-key'] ?? '')
  return (
    refuseOldChunks(request, exchange) ||
    readTarget(request, exchange) ||
    readCredential(request, exchange)
  )
}

/** HTTP/1.0 knows no Transfer-Encoding; a message with both was framed by somebody else's rules (RFC 9112, 6.1). */
function refuseOldChunks(
  request: IncomingMessage,
  exchange: Exchange,
): typeof PASSED | typeof REFUSED {
  const isOld = request.httpVersionMajor === 1 && request.httpVersionMinor === 0
  return isOld && request.headers['transfer-encoding'] !== undefined
    ? malformed(exchange, 'HTTP/1.0 has no Transfer-Encoding')
    : PASSED
}

/** Origin-form, or absolute-form when it names the same host (RFC 9112, 3.2.2). */
function readTarget(request: IncomingMessage, exchange: Exchange): typeof PASSED | typeof REFUSED {
  const pseudo = request.headers[':authority']
  const authority = request.headers.host ?? String(pseudo ?? '')
  if (pseudo !== undefined && String(pseudo).toLowerCase() !== authority.toLowerCase()) {
    return malformed(exchange, ':authority and the Host field name different hosts')
  }
  let target = request.url ?? ''
  if (/^https?:\/\//i.test(target)) {
    const [, named = '', rest = ''] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(target) ?? []
    if (named.toLowerCase() !== authority.toLowerCase()) {
      return malformed(exchange, 'the target and the Host field name different hosts')
    }
    target = rest.startsWith('/') ? rest : `/${rest}`
  }
  if (target.includes('#')) return malformed(exchange, 'the target has a fragment')
  const queryAt = target.indexOf('?')
  exchange.authority = authority
  exchange.host = hostName(authority)
  exchange.path = queryAt < 0 ? target : target.slice(0, queryAt)
  exchange.query = queryAt < 0 ? '' : target.slice(queryAt)
  return PASSED
}

/** `X-API-Key` wins over `Authorization`, which may then be meant for the upstream. */
function readCredential(
  request: IncomingMessage,
  exchange: Exchange,
): typeof PASSED | typeof REFUSED {
  const { rawHeaders } = request
  for (const name of ['authorization', 'x-api-key', 'host']) {
    const count = rawHeaders.filter((field, i) => i % 2 === 0 && field.toLowerCase() === name)
    if (count.length > 1) return malformed(exchange, `there are two ${name} fields`)
  }
  const apiKey = request.headers['x-api-key']
  if (typeof apiKey === 'string') {
    exchange.credentialKind = 'key'
    exchange.credential = apiKey
    return PASSED
  }
  const { authorization } = request.headers
  if (authorization === undefined) return PASSED
  const bearer = /^bearer +(\S+)$/i.exec(authorization)?.[1]
  exchange.credentialKind = bearer === undefined ? 'other_scheme' : 'key'
  exchange.credential = bearer ?? ''
  return PASSED
}

export function malformed(exchange: Exchange, reason: string): typeof REFUSED {
  return refuse(exchange, 'malformed_request', { reason })
}

/** The fields that go on, as the client wrote them. Bodies the gateway has to read must come uncompressed. */
export function endToEndHeaders(
  request: IncomingMessage,
  exchange: Exchange,
  isBodyRead = false,
): string[] {
  const named = namedInConnection(request.headers.connection)
  const passed: string[] = []
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const field = request.rawHeaders[i] ?? ''
    const value = request.rawHeaders[i + 1] ?? ''
    const name = field.toLowerCase()
    if (name.startsWith(':') || named?.has(name) === true || !passesToUpstream(name)) continue
    if (name === 'accept-encoding' && isBodyRead) continue
    // HTTP/2 may send cookies one by one; HTTP/1.1 knows one field of them (RFC 9113, 8.2.3).
    if (name === 'cookie' && isHttp2(request)) continue
    if (name === 'authorization' && isOurCredential(value, request, exchange)) continue
    passed.push(field, value)
  }
  const { cookie } = request.headers
  if (isHttp2(request) && cookie !== undefined) passed.push('Cookie', cookie)
  return passed
}

/** An API key never reaches an upstream, whether it was the one that counted or a second one. */
function isOurCredential(value: string, request: IncomingMessage, exchange: Exchange): boolean {
  const bearer = /^bearer +(\S+)$/i.exec(value)?.[1]
  if (bearer === undefined) return false
  const isPublic = exchange.route?.route.policy.isPublic === true
  const wasUsed = !isPublic && request.headers['x-api-key'] === undefined
  return wasUsed || modeOfSecret(bearer) !== undefined
}

/** Node's compatible request, on a stream. */
export function isHttp2(
  request: IncomingMessage,
): request is IncomingMessage & { readonly stream: ServerHttp2Stream } {
  return request.httpVersionMajor === 2
}

/** Whether a body follows the head, as its framing says. */
export function hasBody(request: IncomingMessage): boolean {
  if (isHttp2(request)) return !request.stream.endAfterHeaders
  const length = request.headers['content-length']
  return (
    request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
  )
}
