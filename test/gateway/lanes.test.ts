import { expect, test } from 'vitest'
import { anAccess, anUpstream, aSecret, aWorld, METERED } from './harness.ts'
import { createRandom } from './fuzz.ts'
import { head, type Lane, talk } from './wire.ts'

interface Seen {
  readonly line: string
  readonly fields: readonly string[]
  readonly body: string
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const PATHS = [
  '/',
  '/a',
  '/a?b=c&d=%20',
  '/export/7',
  '/%7euser',
  '/a%2Fb',
  '/a//b',
  '/a/../b',
  '/gone',
  '/a?x=/../',
  '/.well-known/x',
]
const FIELDS = [
  'Accept: */*',
  'X-A: 1',
  'X-A: 2',
  'Cookie: a=b',
  'X-Empty:',
  'x-lower:no-blank',
  'X-Forwarded-For: 9.9.9.9',
  'X-User-Plan: gold',
  'X-Entitlement-A: 1',
  'Via: 1.1 proxy',
  'Accept-Encoding: gzip',
  'TE: trailers',
  'Keep-Alive: timeout=5',
  'Idempotency-Key: k',
  'Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  'Proxy-Authorization: Basic x',
]
const ANSWERS = [
  { status: 200, fields: {}, body: 'x'.repeat(100) },
  {
    status: 200,
    fields: { 'content-length': '3', 'x-ratelimit-limit': '9', 'set-cookie': ['a=b', 'c=d'] },
    body: 'abc',
  },
  { status: 201, fields: { location: '/x', 'content-type': 'application/json' }, body: '{}' },
  { status: 204, fields: { 'x-quota-used': '3' }, body: '' },
  { status: 304, fields: { etag: '"a"' }, body: '' },
  { status: 404, fields: { 'x-request-id': 'upstream', ratelimit: 'x' }, body: 'no' },
  { status: 500, fields: { connection: 'close', 'x-metering-status': 'x' }, body: 'oh' },
  {
    status: 200,
    fields: { connection: 'keep-alive, x-hop', 'x-hop': '1', 'x-end': '2' },
    body: 'named',
  },
  { status: 200, fields: {}, body: 'y'.repeat(40_000) },
]

/** What may differ: ids, times, what counts requests, and how a body is framed on this connection. */
const OWN =
  /^(?:x-request-id|date|connection|keep-alive|transfer-encoding|content-length|x-ratelimit-reset|ratelimit|x-ratelimit-remaining|x-quota-used|x-quota-remaining):/i

function comparable(answer: string): unknown {
  const end = answer.indexOf('\r\n\r\n')
  const [line, ...fields] = answer.slice(0, end).split('\r\n')
  const isChunked = fields.some((field) => /^transfer-encoding: chunked/i.test(field))
  const body = answer.slice(end + 4)
  return {
    line,
    fields: fields
      .filter((field) => !OWN.test(field))
      .map((field) => field.replace(/^[^:]+/, (n) => n.toLowerCase()))
      .toSorted(),
    body: (isChunked ? decodeChunks(body) : body).replace(/req_\w+/, ''),
  }
}

function decodeChunks(text: string): string {
  let body = ''
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\r\n', at)
    const size = Number.parseInt(text.slice(at, end), 16)
    if (!(size > 0)) break
    body += text.slice(end + 2, end + 2 + size)
    at = end + 2 + size + 2
  }
  return body
}

// A request means the same whichever lane reads it: to the upstream, to the client, and to the bill.
test('both lanes ask the upstream the same, answer the same, and count the same', async () => {
  const random = createRandom(11)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  let seen: Seen[] = []
  let next = ANSWERS[0]!
  const upstream = await anUpstream((request, response) => {
    let body = ''
    request.setEncoding('latin1').on('data', (part: string) => (body += part))
    request.on('end', () => {
      const fields: string[] = []
      for (let i = 0; i < request.rawHeaders.length; i += 2) {
        const name = (request.rawHeaders[i] ?? '').toLowerCase()
        if (!/^(?:x-request-id|connection|content-length|transfer-encoding)$/.test(name)) {
          fields.push(`${name}: ${request.rawHeaders[i + 1]}`)
        }
      }
      seen.push({ line: `${request.method} ${request.url}`, fields: fields.toSorted(), body })
      response.sendDate = false
      response.writeHead(next.status, next.fields).end(next.body)
    })
  })
  const item = {
    key: 'item',
    match: { kind: 'pattern', path: '/export/{id}' },
    upstreamKey: 'api',
    rewrite: '/v2/{id}',
    policy: { meters: { requests: '3' } },
  } as const
  const world = await aWorld({
    upstream: upstream.url,
    routes: [item, { ...METERED, methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] }],
  })
  world.access.put(
    aSecret(),
    anAccess(1, {
      rateLimits: [{ name: 'speed', limit: 1e6, windowSeconds: 60, burst: null, scope: 'key' }],
    }),
  )

  for (let i = 0; i < 150; i++) {
    next = pick(ANSWERS)
    const method = pick(METHODS)
    const body =
      ['POST', 'PUT', 'PATCH'].includes(method) && random() < 0.7
        ? 'b'.repeat(Math.floor(random() * 30))
        : ''
    const fields = Array.from({ length: Math.floor(random() * 5) }, () => pick(FIELDS))
    const length = body === '' ? [] : [`Content-Length: ${body.length}`]
    const line = `${method} ${pick(PATHS)}`
    const ask = async (lane: Lane) => {
      seen = []
      const text = head(lane, line, ...fields, ...length, 'X-Last: 1')
      const answer = await talk(
        world,
        text.replace('X-Last: 1', lane === 'slow' ? 'X-Last: 1' : 'X-Last: 1') + body,
        {
          until: (all) => isWhole(all, method, next.body),
          waitMs: 500,
        },
      )
      return { answer: comparable(answer), seen, counted: await world.counted() }
    }

    const before = await world.counted()
    const fast = await ask('fast')
    const slow = await ask('slow')

    expect(fast.answer, line).toEqual(slow.answer)
    expect(fast.seen, line).toEqual(slow.seen)
    expect(slow.counted - fast.counted, line).toBe(fast.counted - before)
  }
}, 60_000)

function isWhole(text: string, method: string, body: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  if (method === 'HEAD' || body === '') return true
  if (text.includes('application/problem+json')) return text.endsWith('}')
  return text.endsWith(body) || text.endsWith('0\r\n\r\n')
}
