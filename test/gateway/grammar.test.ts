import { expect, test } from 'vitest'
import { ChunkScanner } from '../../src/gateway/fast/chunk-scanner.ts'
import { PARTIAL, STRANGE, WHOLE } from '../../src/gateway/fast/grammar.ts'
import { RequestHead } from '../../src/gateway/fast/request-grammar.ts'
import { aMessage, createRandom, fuzz } from './fuzz.ts'

const parse = (text: string) => {
  const bytes = Buffer.from(text, 'latin1')
  return new RequestHead().parse(bytes, 0, bytes.length)
}

// `npm run fuzz:gateway` compares millions; this is the same comparison on a few.
test('whatever the fast lane reads, Node’s parser reads the same', () => {
  const { differences } = fuzz(2026, 30_000)

  expect(differences.slice(0, 3)).toEqual([])
})

test('the comparison reads enough to mean something', () => {
  const random = createRandom(7)
  const head = new RequestHead()
  const results = Array.from({ length: 3_000 }, () => {
    const bytes = aMessage('request', random)
    return head.parse(bytes, 0, bytes.length)
  })

  expect(results.filter((result) => result === WHOLE).length).toBeGreaterThan(300)
  expect(results.filter((result) => result === STRANGE).length).toBeGreaterThan(300)
})

test('what a connection has read before changes nothing about what it reads next', () => {
  const random = createRandom(11)
  const known = new RequestHead()
  const fieldBlocks = ['Host: a\r\nX-Api-Key: k\r\n\r\n', 'Host: a\r\nX-Api-Key: l\r\n\r\n']
  for (let n = 0; n < 3_000; n++) {
    const isUsual = random() < 0.5
    const usual = `${random() < 0.5 ? 'GET' : 'POST'} /${n % 3} HTTP/1.1\r\n${fieldBlocks[n % 2]}`
    const bytes = isUsual ? Buffer.from(usual, 'latin1') : aMessage('request', random)
    const fresh = new RequestHead()

    const expected = fresh.parse(bytes, 0, bytes.length)

    expect(known.parse(bytes, 0, bytes.length)).toBe(expected)
    if (expected === WHOLE) expect(Object.entries(known)).toEqual(Object.entries(fresh))
  }
})

test('a head is partial until its last byte, wherever it is cut', () => {
  const text =
    'POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nAuthorization: Bearer k\r\n\r\n'

  for (let end = 0; end < text.length; end++)
    expect(parse(text.slice(0, end)), String(end)).toBe(PARTIAL)
  expect(parse(text)).toBe(WHOLE)
})

test('a line that ended without a version is not waited for', () => {
  for (const text of [
    'GET /\r\n',
    'GET /\n',
    '\r\n',
    'GET /a-longer-target\r\n',
    'GET /a\nHost: x',
  ])
    expect(parse(text), text).toBe(STRANGE)
})

test('a head that is too long is not waited for', () => {
  const long = `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'z'.repeat(20_000)}`

  expect(parse(long)).toBe(STRANGE)
  expect(parse(`GET /${'a'.repeat(20_000)}`)).toBe(STRANGE)
  expect(parse(`GET / HTTP/1.1\r\nHost: x\r\n${'X: y\r\n'.repeat(101)}\r\n`)).toBe(STRANGE)
})

test('a chunked body ends where it ends, however its bytes are split', () => {
  const body = '5\r\nhello\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n'
  const bytes = Buffer.from(`${body}NEXT`, 'latin1')
  for (let cut = 1; cut < bytes.length; cut++) {
    const scanner = new ChunkScanner()
    const first = scanner.scan(bytes, 0, cut)
    const end = scanner.isDone ? first : scanner.scan(bytes, cut, bytes.length)
    expect([scanner.isDone, end], String(cut)).toEqual([true, body.length])
  }
})

test('chunks with a second reading are refused', () => {
  for (const body of [
    '5;ext=1\r\nhello',
    'x\r\n',
    '\r\n',
    '5\nhello',
    '5\r\nhelloX',
    ' 5\r\n',
    '+5\r\n',
    '0\r\nbad header\r\n\r\n',
    '0\r\n: x\r\n\r\n',
    `${'1'.repeat(13)}\r\n`,
  ]) {
    const bytes = Buffer.from(body, 'latin1')
    expect(new ChunkScanner().scan(bytes, 0, bytes.length), body).toBe(-1)
  }
})
