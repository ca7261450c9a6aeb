import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidCursor, type TimePage } from '../../kit/page.ts'
import { type Happening, mergeNewest, readCursor, resumeAt, type Source } from './happening.ts'

const SOURCES: readonly Source[] = ['audit', 'mail', 'event', 'attempt']

/** As a source answers: newest first, from where the last page ended. */
function answer(all: readonly Happening[], { limit, before }: TimePage): Happening[] {
  return all
    .filter(({ at, key }) => {
      if (before === undefined || at < before.at) return true
      return at === before.at && before.key !== null && Number(key) < Number(before.key)
    })
    .toSorted((a, b) => b.at - a.at || Number(b.key) - Number(a.key))
    .slice(0, limit)
}

const happenings = fc.array(
  fc.record({ at: fc.integer({ min: 1, max: 6 }), source: fc.constantFrom(...SOURCES) }),
  { maxLength: 40 },
)

test('paging through a timeline tells everything once, in the order of one long page', () => {
  fc.assert(
    fc.property(happenings, fc.integer({ min: 1, max: 7 }), (drawn, limit) => {
      const all = drawn.map((happening, index) => {
        return { ...happening, key: String(index + 1) } as Happening
      })
      const ofSource = (source: Source) => all.filter((happening) => happening.source === source)
      const page = (size: number, cursor: string | undefined) => {
        const last = cursor === undefined ? undefined : readCursor(cursor)
        const read = (source: Source) =>
          answer(ofSource(source), { limit: size + 1, before: resumeAt(source, last) })
        return mergeNewest(SOURCES.map(read), size)
      }

      const told: Happening[] = []
      let cursor: string | undefined
      do {
        const { data, nextCursor } = page(limit, cursor)
        told.push(...data)
        cursor = nextCursor ?? undefined
      } while (cursor !== undefined)

      expect(told).toEqual(page(100, undefined).data)
      expect(told).toHaveLength(all.length)
    }),
  )
})

test('at one instant the cause stands below the effect', () => {
  const at = 5
  const sources = SOURCES.map((source) => [{ at, source, key: '1' } as Happening])

  const { data } = mergeNewest(sources, 10)

  expect(data.map(({ source }) => source)).toEqual(['mail', 'audit', 'attempt', 'event'])
})

test.each(['', 'x', '12 audit', '12 log 3', '12 audit attempt_1', '12 audit 3; drop'])(
  'nobody has written the cursor "%s"',
  (text) => {
    const cursor = Buffer.from(text).toString('base64url')

    expect(() => readCursor(cursor)).toThrow(InvalidCursor)
  },
)
