import { expect, test } from 'vitest'
import { decimal } from '../../kit/decimal.ts'
import { aGrant, anAccount } from '../../../test/support/credits.ts'
import type { CreditAccount } from './account.ts'
import { decideBurn, decideGrant } from './ledger.ts'
import { levelOf } from './level.ts'

const burned = (account: CreditAccount, amount: string): CreditAccount => {
  const cause = { kind: 'usage', id: 's' } as const
  const context = { featureKey: null, cause, now: 1, isSoft: false }
  const decision = decideBurn(account, decimal(amount), context)
  if (decision.kind === 'refused') throw new Error('It should be enough')
  return decision.account
}

test('below a fifth of what was granted a balance is low, at nothing it is used up', () => {
  const account = anAccount(aGrant('a', '100'))

  expect(levelOf(burned(account, '80'), 1)?.kind).toBe('enough')
  expect(levelOf(burned(account, '80.5'), 1)?.kind).toBe('low')
  expect(levelOf(burned(account, '100'), 1)).toEqual({
    kind: 'depleted',
    left: decimal(0),
    since: 'a',
  })
})

test('another grant arms what was said of the balance again', () => {
  const low = burned(anAccount(aGrant('a', '100')), '90')
  const refilled = decideGrant(low, aGrant('b', '100'), 1).account

  expect(levelOf(refilled, 1)).toMatchObject({ kind: 'enough', since: 'b' })
  expect(levelOf(burned(refilled, '90'), 1)).toMatchObject({ kind: 'low', since: 'b' })
})

test('what has expired is neither left nor was it given', () => {
  const account = anAccount(aGrant('a', '100', { expiresAt: 5 }), aGrant('b', '10'))

  expect(levelOf(account, 4)).toMatchObject({ kind: 'enough', left: decimal(110) })
  expect(levelOf(account, 5)).toMatchObject({ kind: 'enough', left: decimal(10) })
})
