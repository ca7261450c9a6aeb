import { expect, test } from 'vitest'
import { shownAlerts } from './present-alert.ts'

type Overview = Parameters<typeof shownAlerts>[0]

const anOverview = (alerts: Overview['alerts'], subscription: unknown = {}): Overview => ({
  now: '2026-03-16T12:00:00Z',
  subscription: subscription as Overview['subscription'],
  plan: null,
  quotas: [],
  alerts,
  paymentProblem: null,
  unrevealedKeyIds: [],
  hasCalled: false,
})

test('an account that never had a plan is not alarmed about it', () => {
  const alerts = [{ kind: 'no_subscription', message: 'There is none.' }] as const

  expect(shownAlerts(anOverview([...alerts], null))).toEqual([])
  expect(shownAlerts(anOverview([...alerts]))).toMatchObject([{ act: 'plans' }])
})

test('days are written as people here read them', () => {
  const message = 'API requests is more than 80 % used; it resets on 2026-03-20.'

  expect(shownAlerts(anOverview([{ kind: 'quota_approaching', message }]))).toEqual([
    {
      tone: 'warning',
      act: 'plans',
      message: 'API requests is more than 80% used; it resets on Mar 20, 2026.',
    },
  ])
})

test('a suspended account is told, and offered nothing that would not help', () => {
  const [alert] = shownAlerts(anOverview([{ kind: 'suspended', message: 'It is suspended.' }]))

  expect(alert).toMatchObject({ tone: 'danger', act: null })
})

test('who is paused is shown the way back, not the plans', () => {
  const message = 'The subscription is paused: calls are refused until it resumes on 2027-04-01.'
  const [alert] = shownAlerts(anOverview([{ kind: 'paused', message }]))

  expect(alert).toEqual({
    tone: 'warning',
    act: 'billing',
    message: 'The subscription is paused: calls are refused until it resumes on Apr 1, 2027.',
  })
})
