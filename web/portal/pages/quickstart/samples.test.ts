import { expect, test } from 'vitest'
import { samplesFor } from './samples.ts'

test('every sample calls the real gateway with the key, and none anything else', () => {
  const samples = samplesFor('https://api.example.com/', '/v1/weather?city=Oslo', 'fb_test_abc')

  for (const { source } of samples) {
    expect(source).toContain('"https://api.example.com/v1/weather?city=Oslo"')
    expect(source).toContain('Bearer fb_test_abc')
  }
  expect(samples.map(({ label }) => label)).toEqual(['curl', 'JavaScript', 'Python'])
})
