import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFrontendReader, simpleQuery, transactionStatus, welcome } from './wire-protocol.ts'

function message(type: string, body: string): Buffer {
  const framed = Buffer.alloc(5 + Buffer.byteLength(body))
  framed.write(type, 0)
  framed.writeInt32BE(framed.length - 1, 1)
  framed.write(body, 5)
  return framed
}

const startup = Buffer.from([0, 0, 0, 8, 0, 3, 0, 0])
const parse = message('P', 'find\0select 1\0\0\0')
const bind = message('B', '\0find\0\0\0\0\0\0\0')
const describe = message('D', 'Sfind\0')
const sync = message('S', '')
const stream = Buffer.concat([
  startup,
  parse,
  bind,
  describe,
  sync,
  Buffer.from(simpleQuery('select 2')),
  message('X', ''),
])

test('a stream is cut into the same units wherever the network cuts it', () => {
  const whole = createFrontendReader('s1_')(stream)
  const cuts = fc.uniqueArray(fc.nat(stream.length), { maxLength: 12 })
  fc.assert(
    fc.property(cuts, (at) => {
      const read = createFrontendReader('s1_')
      const edges = [0, ...at.toSorted((a, b) => a - b), stream.length]
      const inputs = edges
        .slice(1)
        .flatMap((end, index) => read(stream.subarray(edges[index], end)))
      expect(inputs).toEqual(whole)
    }),
  )
})

test('messages up to a Sync are one unit, in order, and a simple query is its own', () => {
  const inputs = createFrontendReader('s1_')(stream)

  expect(inputs.map(({ kind }) => kind)).toEqual(['startup', 'unit', 'unit', 'terminate'])
})

test('statement names of two clients never meet: each carries its prefix', () => {
  const [, unit] = createFrontendReader('s7_')(stream)
  const text = Buffer.from((unit as { bytes: Uint8Array }).bytes).toString('latin1')

  expect(text.match(/s7_find/g)).toHaveLength(3)
  expect(text).toContain('select 1')
})

test('an unnamed statement stays unnamed', () => {
  const unnamed = Buffer.concat([startup, message('P', '\0select 1\0\0\0'), sync])
  const [, unit] = createFrontendReader('s1_')(unnamed)

  expect(Buffer.from((unit as { bytes: Uint8Array }).bytes).toString('latin1')).not.toContain('s1_')
})

test('a message that claims to be larger than memory allows ends the session', () => {
  const read = createFrontendReader('s1_')
  read(startup)

  expect(() => read(Buffer.from([0x51, 0x7f, 0xff, 0xff, 0xff]))).toThrow(RangeError)
})

test('the last ready message tells whether a transaction is open', () => {
  const ready = (status: string) => message('Z', status)

  expect(transactionStatus(Buffer.concat([ready('T'), message('C', 'COMMIT\0'), ready('I')]))).toBe(
    'I',
  )
  expect(transactionStatus(message('C', 'SELECT 1\0'))).toBeUndefined()
  expect(transactionStatus(Buffer.from(welcome()))).toBe('I')
})
