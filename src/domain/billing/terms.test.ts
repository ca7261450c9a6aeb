import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aFee, aPlan, at, termsOf } from '../../../test/support/plans.ts'
import { DAY_MS, formatInstant, HOUR_MS } from '../../kit/instant.ts'
import type { PlanPhase } from '../catalog/plan.ts'
import { piecesEndingIn, piecesStartingIn, timeShare } from './pieces.ts'
import { billingPeriodAt, endTerms, type Term, termAt } from './terms.ts'

const START = at('2026-01-31')
const phase = (key: string, duration: string | null, fee?: string): PlanPhase => ({
  key,
  name: key,
  duration,
  rateCards: fee === undefined ? [] : [aFee(fee)],
})
const day = (instant: number | null | undefined) =>
  typeof instant === 'number' ? formatInstant(instant).slice(0, 10) : null

test('phases follow each other without a gap, the last one without an end', () => {
  const plan = aPlan({
    phases: [phase('trial', 'P2W'), phase('intro', 'P3M', '9'), phase('main', null, '29')],
  })
  const terms = termsOf(plan, START)
  expect(terms.map((term) => [term.phase.key, day(term.startsAt), day(term.endsAt)])).toEqual([
    ['trial', '2026-01-31', '2026-02-14'],
    ['intro', '2026-02-14', '2026-05-14'],
    ['main', '2026-05-14', null],
  ])
  // The trial's end is what paid periods are counted from, for all phases after it.
  expect(terms.map(({ billingAnchor }) => day(billingAnchor))).toEqual([
    '2026-01-31',
    '2026-02-14',
    '2026-02-14',
  ])
})

test('U22 months are counted from the anchor, so the 31st comes back', () => {
  const terms = termsOf(aPlan(), START)
  const ends = ['2026-02-01', '2026-03-01', '2026-03-31', '2026-04-30'].map((date) =>
    day(billingPeriodAt(terms, at(date))?.endsAt),
  )
  expect(ends).toEqual(['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31'])
})

test('an end cuts the term it falls into and drops what would come later', () => {
  const plan = aPlan({ phases: [phase('intro', 'P1M', '9'), phase('main', null, '29')] })
  const ended = endTerms(termsOf(plan, START), at('2026-02-10'), 'cancel')
  expect(ended.map(({ phase: { key }, endsAt, endsBy }) => [key, day(endsAt), endsBy])).toEqual([
    ['intro', '2026-02-10', 'cancel'],
  ])
  expect(termAt(ended, at('2026-02-10'))).toBeUndefined()
  expect(endTerms(termsOf(plan, START), START, 'cancel')).toEqual([])
})

test('a plan can be entered at a later phase', () => {
  const plan = aPlan({ phases: [phase('trial', 'P2W'), phase('main', null, '29')] })
  const [term] = termsOf(plan, START, { startingPhaseKey: 'main' })
  expect(term).toMatchObject({ phase: { key: 'main' }, startsAt: START, endsAt: null })
  expect(() => termsOf(plan, START, { startingPhaseKey: 'gone' })).toThrow('gone')
})

test('where Stripe counts, its period wins over ours', () => {
  const mirroredPeriod = { startsAt: at('2026-02-01'), endsAt: at('2026-03-02') }
  const [term] = termsOf(aPlan(), START)
  const terms: Term[] = [{ ...term!, mirroredPeriod }]
  expect(billingPeriodAt(terms, at('2026-02-15'))).toEqual(mirroredPeriod)
  expect(day(billingPeriodAt(terms, at('2026-03-15'))?.endsAt)).toBe('2026-03-31')
})

test('billing periods tile: any instant lies in one, and the next begins where it ends', () => {
  const cadences = fc.constantFrom('P1D', 'P1W', 'P1M', 'P3M', 'P1Y')
  const starts = fc.integer({ min: at('2020-01-01'), max: at('2030-01-01') })
  const zones = fc.constantFrom('UTC', 'America/New_York', 'Australia/Lord_Howe')
  const alignments = fc.constantFrom('anniversary' as const, 'calendar' as const)
  fc.assert(
    fc.property(
      starts,
      cadences,
      zones,
      alignments,
      fc.nat(800 * 24),
      (start, billingCadence, timeZone, alignment, hours) => {
        const plan = aPlan({
          billingCadence,
          alignment,
          phases: [phase('trial', 'P2W'), phase('intro', 'P5W', '9'), phase('main', null, '29')],
        })
        const terms = termsOf(plan, start, { timeZone })
        const instant = start + hours * HOUR_MS
        const period = billingPeriodAt(terms, instant)!
        expect(period.startsAt <= instant && instant < period.endsAt).toBe(true)
        expect(billingPeriodAt(terms, period.endsAt)?.startsAt).toBe(period.endsAt)
        expect(billingPeriodAt(terms, period.startsAt)).toEqual(period)
      },
    ),
  )
})

test('each period of a card is charged exactly once, however the invoices cut the time', () => {
  const cadences = fc.constantFrom('P1W', 'P1M', 'P3M')
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 364 }), { maxLength: 12 })
  fc.assert(
    fc.property(
      cadences,
      cuts,
      fc.integer({ min: 1, max: 365 }),
      (billingCadence, days, lengthDays) => {
        const end = START + lengthDays * DAY_MS
        const card = aFee('1', { billingCadence })
        const terms = endTerms(termsOf(aPlan({ billingCadence }, [card]), START), end, 'cancel')
        const bounds = [0, ...days.toSorted((a, b) => a - b), 365].map((n) => START + n * DAY_MS)
        const windows = bounds
          .slice(1)
          .map((endsAt, i) => ({ startsAt: bounds[i] ?? START, endsAt }))
        for (const pick of [piecesStartingIn, piecesEndingIn]) {
          const pieces = windows.flatMap((window) => pick(terms[0]!, card, window))
          expect(pieces[0]?.startsAt).toBe(START)
          expect(pieces.at(-1)?.endsAt).toBe(end)
          for (const [i, piece] of pieces.entries()) {
            if (i > 0) expect(piece.startsAt).toBe(pieces[i - 1]?.endsAt)
            expect(timeShare(piece).numerator > 0n).toBe(true)
          }
        }
      },
    ),
  )
})
