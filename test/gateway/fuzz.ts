import { RequestHead } from '../../src/gateway/fast/request-grammar.ts'
import { ResponseHead } from '../../src/gateway/fast/response-grammar.ts'
import { WHOLE } from '../../src/gateway/fast/grammar.ts'
import { namedInConnection, passesToClient, passesToUpstream } from '../../src/gateway/headers.ts'
import { type NodeReading, readLikeNode } from './node-parser.ts'

/** How two readings of the same bytes differ; undefined when they agree, or when ours leaves it to the other. */
export type Difference = { readonly text: string; readonly what: string } | undefined

/** A small, seeded source of randomness: the same seed makes the same messages. */
export function createRandom(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

const FIELDS = [
  'Host: a.example',
  'host:a',
  'Host : a',
  'Host: a\r\nHost: b',
  'Content-Length: 5',
  'content-length: 5',
  'Content-Length: +5',
  'Content-Length: 5, 5',
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: 0x5',
  'Content-Length:5 ',
  'Content-Length: \t5',
  'Content-Length : 5',
  'Content-Length: 05',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Content-Length:',
  'Transfer-Encoding: chunked',
  'transfer-encoding:chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding : chunked',
  'Transfer_Encoding: chunked',
  'Transfer-Encoding: chunked, gzip',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  ' Transfer-Encoding: chunked',
  'X: y\r\n Transfer-Encoding: chunked',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: keep-alive, X-A',
  'Connection: Upgrade, Keep-Alive',
  'Connection: close, X-A',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Expect: 100-continue',
  'X-Api-Key: k1',
  'Authorization: Bearer k2',
  'Authorization: Basic eA==',
  'Authorization: bearer\tk3',
  'TE: trailers',
  'Trailer: x',
  'Keep-Alive: timeout=5',
  'X-A: b\x00c',
  'X-A: b\x0bc',
  'X-A: \x80',
  'X-A: b\rc',
  'X-A: b\nEvil: 1',
  'X-A:b',
  'X-A:',
  ':empty',
  'X A: b',
  'X-Ä: b',
  'Cookie: a=b; c=d',
  `X-Long: ${'z'.repeat(300)}`,
  'X-Forwarded-For: 1.2.3.4',
  'X-Forwarded-Proto: https',
  'Forwarded: for=1',
  'Proxy-Connection: keep-alive',
  'X-Customer-Id: c',
  'X-Request-Id: r',
  'X-Entitlement-Seats: 5',
  'X-User-Plan: gold',
  'Idempotency-Key: i',
  'X-RateLimit-Limit: 5',
  'RateLimit: "a";r=1',
  'X-Quota-Used: 1',
  'X-Billing-Status: paid',
  'Date: now',
  'Set-Cookie: a=b',
  'Set-Cookie: c=d',
]
const REQUEST_LINES = [
  'GET / HTTP/1.1',
  'GET /a?b=c HTTP/1.1',
  'POST /x HTTP/1.1',
  'PUT /x HTTP/1.1',
  'DELETE /x HTTP/1.1',
  'PATCH /x HTTP/1.1',
  'HEAD /x HTTP/1.1',
  'GET http://h/ HTTP/1.1',
  'GET  / HTTP/1.1',
  'GET / HTTP/1.0',
  'GET / HTTP/1.2',
  'GET /\t HTTP/1.1',
  'GET /a b HTTP/1.1',
  'get / HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'GET /#f HTTP/1.1',
  'GET /\x7f HTTP/1.1',
  'GET /é HTTP/1.1',
  'CONNECT a:1 HTTP/1.1',
  'GET /\x00 HTTP/1.1',
  'GET / HTTP/1.1 ',
  '\r\nGET / HTTP/1.1',
  'GET /%0d%0aX:1 HTTP/1.1',
  'POST / http/1.1',
  'PRI * HTTP/2.0',
  'GETT / HTTP/1.1',
  'PUTS / HTTP/1.1',
]
const STATUS_LINES = [
  'HTTP/1.1 200 OK',
  'HTTP/1.1 404 Not Found',
  'HTTP/1.1 204 No Content',
  'HTTP/1.0 200 OK',
  'HTTP/1.1 200',
  'HTTP/1.1 200 ',
  'HTTP/1.1 304 Not Modified',
  'HTTP/1.1 099 X',
  'HTTP/1.1 2000 X',
  'HTTP/2.0 200 OK',
  'HTTP/1.1  200 OK',
  'HTTP/1.1 200 O\x00K',
  'HTTP/1.1 404 N\xe9',
  'http/1.1 200 OK',
  'HTTP/1.1 600 X',
  'HTTP/1.1 20a X',
  'HTTP/1.1 200\tOK',
]
const BODIES = ['', 'hello', 'helloGET /x HTTP/1.1\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n']
const MUTATIONS = [
  '\r',
  '\n',
  '\r\n',
  ' ',
  '\t',
  ':',
  '\0',
  '\x0b',
  '\x80',
  ',',
  ';',
  'A',
  '0',
  '\x7f',
  '#',
  '"',
  '\r\n\r\n',
  '\x0d',
  '_',
]

/** A message that is plausible, odd or broken. */
export function aMessage(kind: 'request' | 'response', random: () => number): Buffer {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const lines = kind === 'request' ? REQUEST_LINES : STATUS_LINES
  const usual = kind === 'request' ? 7 : 2
  const fields = kind === 'request' && random() < 0.9 ? ['Host: a.example'] : []
  for (let count = Math.floor(random() * 5); count > 0; count--) fields.push(pick(FIELDS))
  if (random() < 0.3) fields.reverse()
  const line = pick(random() < 0.6 ? lines.slice(0, usual) : lines)
  let text = [line, ...fields, '', pick(BODIES)].join('\r\n')
  for (let count = random() < 0.6 ? Math.floor(random() * 3) : 0; count > 0; count--) {
    const at = Math.floor(random() * (text.length + 1))
    const how = random()
    const rest = text.slice(how < 0.4 ? at : at + 1)
    text = text.slice(0, at) + (how < 0.4 || how > 0.7 ? pick(MUTATIONS) : '') + rest
  }
  return Buffer.from(text, 'latin1')
}

const requestHead = new RequestHead()
const responseHead = new ResponseHead()

/** Whatever the fast lane reads in a request, Node must read the same; whatever it does not read is not its business. */
export function compareRequest(bytes: Buffer): Difference {
  if (requestHead.parse(bytes, 0, bytes.length) !== WHOLE) return undefined
  // Once more, as the next request of a connection: its fields are known by now.
  if (requestHead.parse(bytes, 0, bytes.length) !== WHOLE) {
    return { text: bytes.toString('latin1'), what: 'read once, not twice' }
  }
  const node = readLikeNode('request', bytes)
  const what = node === undefined ? 'Node refuses it' : requestDifference(node)
  return what === undefined ? undefined : { text: bytes.toString('latin1'), what }
}

function requestDifference(node: NodeReading): string | undefined {
  const head = requestHead
  const length = node.fields.filter(([name]) => name === 'content-length')
  const keys = node.fields.filter(([name]) => name === 'x-api-key').map(([, value]) => value)
  const bearers = node.fields
    .filter(([name, value]) => name === 'authorization' && /^bearer \S+$/i.test(value))
    .map(([, value]) => value.slice(7))
  const kept = node.fields.filter(
    ([name, value]) =>
      passesToUpstream(name) && !(name === 'authorization' && bearers.includes(value.slice(7))),
  )
  const checks: [string, boolean][] = [
    ['method', node.method === head.method],
    ['target', node.url === head.target],
    ['version', node.isHttp11 && !node.isUpgrade],
    ['keep-alive', node.keepAlive === head.keepAlive],
    ['lengths', length.length <= 1 && Number(length[0]?.[1] ?? 0) === head.length],
    ['transfer-encoding', !node.fields.some(([name]) => name === 'transfer-encoding')],
    [
      'host',
      node.fields
        .filter(([name]) => name === 'host')
        .map(([, v]) => v)
        .join() === head.authority,
    ],
    ['credential', [...keys, ...bearers].join() === head.credential],
    ['fields', fieldsOf(head.kept) === kept.map((field) => field.join('=')).join('|')],
    ['line ends', !/(?:^|[^\r])\n|\r(?!\n)/.test(head.kept)],
  ]
  return checks.find(([, isEqual]) => !isEqual)?.[0]
}

/** An answer the fast lane reads must be framed as Node frames it, and pass on the same fields. */
export function compareResponse(bytes: Buffer): Difference {
  if (responseHead.parse(bytes, 0, bytes.length) !== WHOLE) return undefined
  // Once more, as the next answer of an upstream: its head is known by now.
  if (responseHead.parse(bytes, 0, bytes.length) !== WHOLE) {
    return { text: bytes.toString('latin1'), what: 'read once, not twice' }
  }
  const node = readLikeNode('response', bytes)
  const what = node === undefined ? 'Node refuses it' : responseDifference(node)
  return what === undefined ? undefined : { text: bytes.toString('latin1'), what }
}

function responseDifference(node: NodeReading): string | undefined {
  const head = responseHead
  const [, kept = ''] = /^HTTP\/1\.1 [^\r\n]*\r\n([^]*)$/.exec(head.lines.toString('latin1')) ?? []
  const lengths = node.fields
    .filter(([name]) => name === 'content-length')
    .map(([, value]) => value)
  const connection = node.fields.filter(([name]) => name === 'connection').map(([, value]) => value)
  const named = new Set(connection.flatMap((value) => [...(namedInConnection(value) ?? [])]))
  const passed = node.fields.filter(([name]) => passesToClient(name) && !named.has(name))
  const isChunked = node.fields.some(([name]) => name === 'transfer-encoding')
  const checks: [string, boolean][] = [
    ['status', node.status === head.status],
    ['lengths', lengths.length <= 1 && Number(lengths[0] ?? -1) === head.length],
    ['transfer-encoding', isChunked === head.isChunked],
    ['fields', fieldsOf(kept) === passed.map((field) => field.join('=')).join('|')],
    ['line ends', !/(?:^|[^\r])\n|\r(?!\n)/.test(head.lines.toString('latin1'))],
  ]
  return checks.find(([, isEqual]) => !isEqual)?.[0]
}

function fieldsOf(lines: string): string {
  return lines
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':')
      return `${line.slice(0, colon).toLowerCase()}=${line.slice(colon + 1).trim()}`
    })
    .join('|')
}

/** Compares `count` messages of each kind. */
export function fuzz(seed: number, count: number): { differences: Difference[]; read: number } {
  const random = createRandom(seed)
  const differences: Difference[] = []
  let read = 0
  for (let i = 0; i < count; i++) {
    for (const compare of [
      () => compareRequest(aMessage('request', random)),
      () => compareResponse(aMessage('response', random)),
    ]) {
      const difference = compare()
      if (difference !== undefined) differences.push(difference)
    }
    read += 2
  }
  return { differences, read }
}
