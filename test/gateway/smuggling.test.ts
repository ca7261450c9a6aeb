import net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { anAccess, aSecret, aWorld } from './harness.ts'
import { readAllLikeNode } from './node-parser.ts'
import { talk } from './wire.ts'

const KEY = `Authorization: Bearer ${aSecret()}`
const HOST = 'Host: api.test'
const SMUGGLED = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n${KEY}\r\n\r\n`

function request(line: string, fields: readonly string[], body = ''): string {
  return `${[line, HOST, KEY, ...fields].join('\r\n')}\r\n\r\n${body}`
}

/**
 * Requests that two parsers may read differently. Each ends with 400 (or another refusal) and nothing at the upstream, or
 * as requests that leave no doubt; never as a request that only one of us saw.
 */
const CORPUS: Record<string, string> = {
  'CL.TE': request(
    'POST / HTTP/1.1',
    ['Content-Length: 6', 'Transfer-Encoding: chunked'],
    `0\r\n\r\n${SMUGGLED}`,
  ),
  'TE.CL': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding: chunked', 'Content-Length: 4'],
    `5c\r\n${SMUGGLED}\r\n0\r\n\r\n`,
  ),
  'TE.TE, one unknown': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: x'],
    `0\r\n\r\n${SMUGGLED}`,
  ),
  'TE with a tab before the value': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding:\tchunked'],
    `0\r\n\r\n`,
  ),
  'TE with a vertical tab': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding:\x0bchunked', 'Content-Length: 5'],
    `0\r\n\r\n${SMUGGLED}`,
  ),
  'TE misspelled': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding: xchunked', 'Content-Length: 5'],
    `0\r\n\r\n${SMUGGLED}`,
  ),
  'TE with a blank before the colon': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding : chunked', 'Content-Length: 5'],
    `0\r\n\r\n${SMUGGLED}`,
  ),
  'TE with an underscore': request(
    'POST / HTTP/1.1',
    ['Transfer_Encoding: chunked', 'Content-Length: 5'],
    '0\r\n\r\n',
  ),
  'TE in a folded line': request(
    'POST / HTTP/1.1',
    ['X: y\r\n Transfer-Encoding: chunked', 'Content-Length: 5'],
    `0\r\n\r\n${SMUGGLED}`,
  ),
  'TE quoted': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding: "chunked"', 'Content-Length: 5'],
    `0\r\n\r\n${SMUGGLED}`,
  ),
  'TE identity and a length': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding: identity', 'Content-Length: 5'],
    `0\r\n\r\n${SMUGGLED}`,
  ),
  'chunked, then identity': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding: chunked, identity'],
    `0\r\n\r\n${SMUGGLED}`,
  ),
  'two different lengths': request(
    'POST / HTTP/1.1',
    ['Content-Length: 3', 'Content-Length: 8'],
    `abc${SMUGGLED}`,
  ),
  'two equal lengths': request(
    'POST / HTTP/1.1',
    ['Content-Length: 3', 'Content-Length: 3'],
    `abc`,
  ),
  'a list of lengths': request('POST / HTTP/1.1', ['Content-Length: 3, 3'], 'abc'),
  'a signed length': request('POST / HTTP/1.1', ['Content-Length: +3'], `abc${SMUGGLED}`),
  'a negative length': request('POST / HTTP/1.1', ['Content-Length: -1'], SMUGGLED),
  'a hexadecimal length': request('POST / HTTP/1.1', ['Content-Length: 0x3'], `abc${SMUGGLED}`),
  'a length with a blank inside': request(
    'POST / HTTP/1.1',
    ['Content-Length: 3 0'],
    `abc${SMUGGLED}`,
  ),
  'a length beyond numbers': request(
    'POST / HTTP/1.1',
    ['Content-Length: 99999999999999999999'],
    SMUGGLED,
  ),
  'an empty length': request('POST / HTTP/1.1', ['Content-Length:'], SMUGGLED),
  'a length with a blank before the colon': request(
    'POST / HTTP/1.1',
    ['Content-Length : 3'],
    `abc${SMUGGLED}`,
  ),
  'a body on GET': request('GET / HTTP/1.1', [`Content-Length: ${SMUGGLED.length}`], SMUGGLED),
  'a chunked body on GET': request('GET / HTTP/1.1', ['Transfer-Encoding: chunked'], `0\r\n\r\n`),
  'a bare line feed between fields': request(
    'GET / HTTP/1.1',
    ['X: a\nTransfer-Encoding: chunked'],
    `0\r\n\r\n${SMUGGLED}`,
  ),
  'a bare carriage return in a field': request(
    'GET / HTTP/1.1',
    ['X: a\rTransfer-Encoding: chunked'],
    '',
  ),
  'bare line feeds throughout': request('GET / HTTP/1.1', ['X: y']).replaceAll('\r\n', '\n'),
  'a NUL in a value': request('GET / HTTP/1.1', ['X: a\0b']),
  'a folded line': request('GET / HTTP/1.1', ['X: a\r\n b']),
  'a line that begins with a blank': request('GET / HTTP/1.1', [' X: a']),
  'a field without a name': request('GET / HTTP/1.1', [': a']),
  'a field without a colon': request('GET / HTTP/1.1', ['X-Nothing']),
  'two hosts': request('GET / HTTP/1.1', ['Host: other.test']),
  'no host': `GET / HTTP/1.1\r\n${KEY}\r\n\r\n`,
  'two credentials': request('GET / HTTP/1.1', [KEY]),
  'an absolute target for another host': request('GET http://other.test/ HTTP/1.1', []),
  'an absolute target for this host': request('GET http://api.test/abs HTTP/1.1', []),
  'an absolute target without a path': request('GET http://api.test HTTP/1.1', []),
  'an authority target': request('GET api.test:80 HTTP/1.1', []),
  'a target with a fragment': request('GET /a#b HTTP/1.1', []),
  'a target with a blank': request('GET /a b HTTP/1.1', []),
  'a target with a tab': request('GET /a\tb HTTP/1.1', []),
  'a target with a byte above ASCII': request('GET /\xe9 HTTP/1.1', []),
  'a target with an encoded line end': request('GET /%0d%0aX:%201 HTTP/1.1', []),
  'dot segments': request('GET /a/../b HTTP/1.1', []),
  'encoded dot segments': request('GET /a/%2e%2e/b HTTP/1.1', []),
  'HTTP/1.0': request('GET / HTTP/1.0', []),
  'HTTP/1.0 with chunks': request(
    'POST / HTTP/1.0',
    ['Transfer-Encoding: chunked'],
    `0\r\n\r\n${SMUGGLED}`,
  ),
  'HTTP/1.2': request('GET / HTTP/1.2', []),
  'HTTP/0.9': 'GET /\r\n\r\n',
  'HTTP/0.9 with a longer target': 'GET /a-longer-target\r\n\r\n',
  'HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a method with a blank before it': request(' GET / HTTP/1.1', []),
  'a method in lower case': request('get / HTTP/1.1', []),
  CONNECT: request('CONNECT api.test:80 HTTP/1.1', []),
  TRACE: request('TRACE / HTTP/1.1', []),
  'a chunk extension': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding: chunked'],
    `3;a=b\r\nabc\r\n0\r\n\r\n`,
  ),
  'a chunk extension with a line feed': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding: chunked'],
    `3;a\nb\r\nabc\r\n0\r\n\r\n${SMUGGLED}`,
  ),
  'a chunk size with a prefix': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding: chunked'],
    `0x3\r\nabc\r\n0\r\n\r\n${SMUGGLED}`,
  ),
  'a chunk without its end': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding: chunked'],
    `3\r\nabcX\r\n0\r\n\r\n${SMUGGLED}`,
  ),
  'chunks ended by line feeds': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding: chunked'],
    `3\nabc\n0\n\n${SMUGGLED}`,
  ),
  'trailers that repeat the framing': request(
    'POST / HTTP/1.1',
    ['Transfer-Encoding: chunked'],
    `3\r\nabc\r\n0\r\nContent-Length: 50\r\nHost: other\r\n\r\n`,
  ),
  'Upgrade to h2c': request('GET / HTTP/1.1', [
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAAP__',
  ]),
  'Connection naming Host': request('GET / HTTP/1.1', ['Connection: close, Host']),
  'Connection naming Content-Length': request(
    'POST / HTTP/1.1',
    ['Connection: Content-Length', 'Content-Length: 3'],
    'abc',
  ),
  'Connection naming Authorization': request('GET / HTTP/1.1', ['Connection: Authorization']),
  'nothing unusual': request('GET / HTTP/1.1', []),
}

/** Keeps every byte it gets, and answers once per request that Node reads in them. */
async function aRecorder() {
  const connections: { bytes: string }[] = []
  const server = net.createServer((socket) => {
    const connection = { bytes: '' }
    connections.push(connection)
    socket.on('error', () => undefined)
    socket.on('data', (part) => {
      const before = messagesIn(connection.bytes).length
      connection.bytes += part.toString('latin1')
      const count = messagesIn(connection.bytes).length - before
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'.repeat(count))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { connections, url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}` }
}

function messagesIn(bytes: string) {
  return readAllLikeNode('request', Buffer.from(bytes, 'latin1'))
}

test('every request of the corpus is refused or reaches the upstream as what it was', async () => {
  const recorder = await aRecorder()
  const world = await aWorld({ upstream: recorder.url })
  world.access.put(aSecret(), anAccess())

  for (const [name, text] of Object.entries(CORPUS)) {
    for (const connection of recorder.connections) connection.bytes = ''
    const answer = await talk(world, text, { until: hasWholeAnswer, waitMs: 10_000 })
    const status = Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? 0)
    const sent = recorder.connections.map(({ bytes }) => bytes).filter((bytes) => bytes !== '')

    // A body may go wrong half-way: then the upstream has half a request, and its connection ends with it.
    const whole = sent.filter((bytes) => messagesIn(bytes).some(({ isComplete }) => isComplete))
    expect(status, name).toBeGreaterThanOrEqual(100)
    if (status >= 400) expect(whole, name).toEqual([])
    for (const bytes of sent) expectOneMeaning(name, bytes)
  }
})

/** What else was made of the bytes reaches the upstream during the next request, which is then not the only one. */
function hasWholeAnswer(text: string): boolean {
  return readAllLikeNode('response', Buffer.from(text, 'latin1')).some(
    ({ isComplete }) => isComplete,
  )
}

/** What the upstream got is one request, of which Node reads all there is to read. */
function expectOneMeaning(name: string, bytes: string): void {
  const messages = messagesIn(bytes)
  const [reading] = messages
  const head = bytes.slice(0, bytes.indexOf('\r\n\r\n'))
  const fields = reading?.fields ?? []
  const count = (field: string) => fields.filter(([key]) => key === field).length

  expect(messages.length, name).toBe(1)
  expect(reading?.isHttp11, name).toBe(true)
  expect(count('host'), name).toBe(1)
  expect(count('content-length') + count('transfer-encoding'), name).toBeLessThanOrEqual(1)
  expect(head, name).not.toMatch(/[^\r]\n|\r[^\n]/)
  expect(reading?.url, name).not.toBe('/smuggled')
  expect(head, name).not.toContain(aSecret())
}
