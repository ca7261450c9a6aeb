import { expect, test } from 'vitest'
import { deviceOf, readSessions } from './sessions.ts'

test('browsers are known by what they say last about themselves', () => {
  const said = [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0',
    'curl/8.5.0',
    '',
  ].map(deviceOf)

  expect(said).toEqual([
    'Chrome on Linux',
    'Edge on Windows',
    'Safari on iOS',
    'Firefox on macOS',
    'curl',
    'an unknown browser',
  ])
})

test('the session of this browser comes first, then the newest', () => {
  const entry = (id: string, createdAt: string) => ({ id, createdAt, userAgent: '', ipAddress: '' })

  const sessions = readSessions(
    [entry('a', '2026-01-02'), entry('b', '2026-01-01'), entry('c', '2026-01-03')],
    { session: { id: 'b' } },
  )

  expect(sessions.map(({ id, isCurrent }) => [id, isCurrent])).toEqual([
    ['b', true],
    ['c', false],
    ['a', false],
  ])
})

test('an answer of another shape is no sessions rather than a broken page', () => {
  expect(readSessions({ message: 'no' }, null)).toEqual([])
  expect(readSessions([null, 5, { id: 1 }], undefined)).toEqual([])
})
