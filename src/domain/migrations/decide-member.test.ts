import { expect, test } from 'vitest'
import { at } from '../../../test/support/plans.ts'
import { aSubscription } from '../../../test/support/subscriptions.ts'
import type { PlanChange } from '../subscriptions/changes/plan-change.ts'
import { decideMember, isMeant, type MemberFacts, movesAt } from './decide-member.ts'

const NOW = at('2027-01-10')
const PERIOD = { startsAt: at('2027-01-01'), endsAt: at('2027-02-01') }
const subscription = aSubscription({ currentPeriod: PERIOD, planVersionId: 'v1' })

function facts(changes: Partial<MemberFacts> = {}): MemberFacts {
  return {
    migration: { timing: 'at_renewal', noticeDays: 14, toVersionId: 'v2' },
    member: { state: 'waiting', noticedAt: NOW, changeId: null },
    subscription,
    change: undefined,
    open: undefined,
    now: NOW,
    ...changes,
  }
}

const aChange = (changes: Partial<PlanChange>) =>
  ({ id: 'c', targetVersionId: 'v2', startsBy: 'migrate', error: null, ...changes }) as PlanChange

test('a member is told first, and moved with the first renewal that keeps the notice', () => {
  const untold = { state: 'waiting', noticedAt: null, changeId: null } as const
  const late = { state: 'waiting', noticedAt: at('2027-01-20'), changeId: null } as const

  expect(decideMember(facts({ member: untold }))).toEqual({ kind: 'tell' })
  expect(decideMember(facts())).toEqual({ kind: 'change', timing: 'at_period_end' })
  expect(decideMember(facts({ member: late }))).toEqual({ kind: 'wait' })
})

test('at once means when the notice is over', () => {
  const migration = { timing: 'immediate', noticeDays: 14, toVersionId: 'v2' } as const

  expect(decideMember(facts({ migration, now: at('2027-01-23') })).kind).toBe('wait')
  expect(decideMember(facts({ migration, now: at('2027-01-24') }))).toEqual({
    kind: 'change',
    timing: 'immediate',
  })
})

test('a change that is under way already is adopted, never made twice; any other has to end first', () => {
  expect(decideMember(facts({ open: aChange({}) }))).toEqual({ kind: 'adopt', changeId: 'c' })
  expect(decideMember(facts({ open: aChange({ targetVersionId: 'v3' }) })).kind).toBe('wait')
})

test('how the change ended is how the member ended', () => {
  const member = { state: 'scheduled', noticedAt: NOW, changeId: 'c' } as const
  const stateFor = (change: Partial<PlanChange>) => {
    const step = decideMember(facts({ member, change: aChange(change) }))
    return step.kind === 'settle' ? step.state : step.kind
  }

  expect(stateFor({ state: 'applied' })).toBe('moved')
  expect(stateFor({ state: 'canceled' })).toBe('excluded')
  expect(stateFor({ state: 'failed' })).toBe('skipped')
  expect(stateFor({ state: 'scheduled' })).toBe('wait')
})

test('who is on the version already is moved, and who leaves anyway is skipped', () => {
  const arrived = { ...subscription, planVersionId: 'v2' }
  const leaving = { ...subscription, cancelAt: PERIOD.endsAt }

  expect(decideMember(facts({ subscription: arrived }))).toMatchObject({ state: 'moved' })
  expect(decideMember(facts({ subscription: leaving }))).toMatchObject({ state: 'skipped' })
})

test('the mail names the day only where it is known', () => {
  const migration = { timing: 'at_renewal', noticeDays: 14 } as const

  expect(movesAt(migration, subscription, NOW)).toBe(PERIOD.endsAt)
  expect(movesAt(migration, subscription, at('2027-01-20'))).toBeNull()
  expect(movesAt({ timing: 'immediate', noticeDays: 14 }, subscription, NOW)).toBe(at('2027-01-24'))
})

test('an audience is everybody on another version, or who is named', () => {
  const everybody = {
    fromVersions: null,
    currency: null,
    customerIds: null,
    excludedCustomerIds: [],
  }
  const candidate = { subscription: { customerId: 'a', currency: 'usd' }, version: 1 }

  expect(isMeant(candidate, everybody, 2)).toBe(true)
  expect(isMeant({ ...candidate, version: 2 }, everybody, 2)).toBe(false)
  expect(isMeant(candidate, { ...everybody, fromVersions: [3] }, 2)).toBe(false)
  expect(isMeant(candidate, { ...everybody, currency: 'eur' }, 2)).toBe(false)
  expect(isMeant(candidate, { ...everybody, customerIds: ['b'] }, 2)).toBe(false)
  expect(isMeant(candidate, { ...everybody, excludedCustomerIds: ['a'] }, 2)).toBe(false)
})
