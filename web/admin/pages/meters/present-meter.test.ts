import { expect, test } from 'vitest'
import {
  exampleEvent,
  measureWords,
  type Meter,
  parsePairs,
  type Plan,
  plansWith,
} from './present-meter.ts'

function aMeter(over: Partial<Meter> = {}): Meter {
  return {
    id: 'meter_1',
    key: 'tokens',
    name: 'Tokens',
    eventType: 'completion',
    aggregation: 'sum',
    valueProperty: 'tokens',
    groupBy: {},
    filters: {},
    unit: 'token',
    createdAt: '2026-01-01T00:00:00Z',
    archivedAt: null,
    ...over,
  }
}

test('a meter says what it makes of which events', () => {
  expect(measureWords(aMeter())).toBe('Sum of tokens in completion events')
  expect(measureWords(aMeter({ aggregation: 'count', valueProperty: null }))).toBe(
    'Count of completion events',
  )
})

test('the example of an event is one the meter counts', () => {
  const meter = aMeter({ filters: { region: ['eu', 'us'] }, groupBy: { model: 'model_name' } })

  const event = JSON.parse(exampleEvent(meter)) as { properties: object; type: string }

  expect(event.type).toBe('completion')
  expect(event.properties).toEqual({ region: 'eu', model_name: 'a', tokens: 1 })
})

test('a plan uses a feature when what is on sale or what is drafted has it', () => {
  const version = (featureKey: string) => ({
    definition: { name: 'Pro', phases: [{ rateCards: [{ featureKey }] }] },
  })
  const plans = [
    { key: 'pro', active: version('requests'), draft: null },
    { key: 'next', active: null, draft: version('requests') },
    { key: 'other', active: version('support'), draft: null },
  ] as unknown as Plan[]

  expect(plansWith('requests', plans).map(({ planKey }) => planKey)).toEqual(['pro', 'next'])
})

test('dimensions are read line by line, a lone name standing for its own property', () => {
  expect(parsePairs('model: model_name\n\nregion\n')).toEqual({
    model: 'model_name',
    region: 'region',
  })
  expect(parsePairs('Not a name: x')).toBeUndefined()
  expect(parsePairs('')).toEqual({})
})
