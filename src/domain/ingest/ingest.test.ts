import { expect, test } from 'vitest'
import { decimal } from '../../kit/decimal.ts'
import { DAY_MS } from '../../kit/instant.ts'
import type { Meter } from '../catalog/meter.ts'
import { measure } from './measure.ts'
import { refuseTime, timeInId, type UsageEvent } from './usage-event.ts'

const METER: Meter = {
  id: 'meter_1',
  key: 'tokens',
  name: 'Tokens',
  eventType: 'llm.call',
  aggregation: 'sum',
  valueProperty: '$.usage.total',
  groupBy: { model: 'model' },
  filters: { region: ['eu', 'us'] },
  unit: 'token',
  createdAt: 0,
  archivedAt: null,
}

const event = (data: UsageEvent['data'], type = 'llm.call'): UsageEvent => ({
  source: 'app',
  id: '1',
  type,
  time: null,
  subject: 'acme',
  subscriptionId: null,
  data,
})

test('a value is read exactly as it was written, number or text', () => {
  const valueOf = (total: unknown) => {
    const measured = measure(event({ region: 'eu', usage: { total } }), [METER])
    return Array.isArray(measured) ? measured[0]?.value : measured
  }

  expect(valueOf(12)).toBe(decimal('12'))
  expect(valueOf('0.000000000001')).toBe(decimal('0.000000000001'))
  expect(valueOf(1e-7)).toBe(decimal('0.0000001'))
  expect(valueOf('1000000000000000')).toBe(decimal('1000000000000000'))
  for (const far of ['1000000000000001', '-1000000000000001', '9'.repeat(26)]) {
    expect(valueOf(far)).toMatchObject({ state: 'rejected', code: 'value_out_of_range' })
  }
  for (const wrong of [undefined, null, 'many', {}, Number.NaN]) {
    expect(valueOf(wrong)).toMatchObject({ state: 'rejected', code: 'value_missing' })
  }
})

test('an event feeds the meters of its type whose filters it passes, by their dimensions', () => {
  const total = { usage: { total: 1 } }

  expect(measure(event({ ...total, region: 'eu', model: 'large' }), [METER])).toMatchObject([
    { dimension: '{"model":"large"}' },
  ])
  expect(measure(event({ ...total, region: 'mars' }), [METER])).toEqual([])
  expect(measure(event({ ...total, region: 'eu' }, 'other'), [METER])).toEqual([])
  expect(measure(event({ region: 'eu' }), [{ ...METER, archivedAt: 1 }])).toEqual([])
})

test('an id that carries its time keeps an event in its month however late it is sent again', () => {
  const at = Date.UTC(2026, 2, 31, 23, 59, 59)
  const hex = at.toString(16).padStart(12, '0')
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8)}-7abc-8def-0123456789ab`

  expect(timeInId(uuid)).toBe(at)
  expect(timeInId('01ARZ3NDEKTSV4RRFFQ69G5FAV')).toBe(Date.parse('2016-07-30T23:54:10.259Z'))
  expect(timeInId('order-17')).toBeUndefined()
  expect(timeInId('6ba7b810-9dad-11d1-80b4-00c04fd430c8')).toBeUndefined()
})

test('what is too old needs a backfill, what lies ahead is refused', () => {
  const now = Date.UTC(2026, 5, 1)

  expect(refuseTime(now - 35 * DAY_MS, now, false)).toBeUndefined()
  expect(refuseTime(now - 36 * DAY_MS, now, false)).toMatchObject({ code: 'event_too_old' })
  expect(refuseTime(now - 36 * DAY_MS, now, true)).toBeUndefined()
  expect(refuseTime(now + 240_000, now, false)).toBeUndefined()
  expect(refuseTime(now + 360_000, now, true)).toMatchObject({ code: 'event_in_future' })
})
