import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aGrant, anAccount } from '../../../test/support/credits.ts'
import { type Decimal, decimal, formatDecimal, ZERO } from '../../kit/decimal.ts'
import {
  availableCredits,
  bookBalance,
  type CreditAccount,
  type LedgerEntry,
  replay,
} from './account.ts'
import { grantStateAt } from './grant.ts'
import {
  decideBurn,
  decideExpire,
  decideGrant,
  decideRelease,
  decideReserve,
  decideSettle,
  decideVoid,
  type Hold,
  type SpendContext,
} from './ledger.ts'

const context = (changes: Partial<SpendContext> = {}): SpendContext => ({
  featureKey: 'calls',
  cause: { kind: 'request', id: 'req_1' },
  now: 100,
  isSoft: false,
  ...changes,
})
const left = (account: CreditAccount, now = 100) =>
  formatDecimal(availableCredits(account, 'calls', now))
const summary = (entries: readonly LedgerEntry[]) =>
  entries.map(({ grantId, type, amount, balanceAfter }) => [
    grantId,
    type,
    formatDecimal(amount),
    formatDecimal(balanceAfter),
  ])

function reserved(account: CreditAccount, amount: string, changes: Partial<SpendContext> = {}) {
  const decision = decideReserve(account, decimal(amount), context(changes))
  if (decision.kind === 'refused') throw new Error(decision.code)
  return decision
}

test('S4.5 credits are taken from the first grant in order, then from the next', () => {
  const account = anAccount(
    aGrant('paid', '100'),
    aGrant('gift', '10', { category: 'promotional' }),
  )
  const decision = decideBurn(account, decimal(30), context())
  expect(decision).toMatchObject({ kind: 'posted' })
  if (decision.kind === 'refused') return
  expect(summary(decision.entries)).toEqual([
    ['gift', 'burned', '10', '100'],
    ['paid', 'burned', '20', '80'],
  ])
  expect(left(decision.account)).toBe('80')
})

test('U44 what is reserved cannot be spent again, and comes back when released', () => {
  const { account, holds } = reserved(anAccount(aGrant('g', '10')), '8')
  expect(left(account)).toBe('2')
  expect(decideReserve(account, decimal(3), context())).toEqual({
    kind: 'refused',
    code: 'insufficient_credits',
    available: decimal(2),
    missing: decimal(1),
  })
  expect(left(decideRelease(account, holds, { kind: 'request', id: 'req_1' }).account)).toBe('10')
})

test('settling burns what it really cost and gives the rest back', () => {
  const { account, holds } = reserved(anAccount(aGrant('g', '10')), '8')
  const settled = decideSettle(account, holds, decimal(5), context())
  expect(summary(settled.entries)).toEqual([
    ['g', 'released', '8', '10'],
    ['g', 'burned', '5', '5'],
  ])
  expect(settled.shortfall).toBe(ZERO)
})

test('a hard balance stops at zero: what exceeds it is named and not owed', () => {
  const { account, holds } = reserved(anAccount(aGrant('g', '10')), '8')
  const settled = decideSettle(account, holds, decimal(12), context())
  expect(formatDecimal(settled.shortfall)).toBe('2')
  expect(left(settled.account)).toBe('0')
})

test('U45 a soft balance goes below zero, and the next grant pays the debt before anything else', () => {
  const settled = decideSettle(
    anAccount(aGrant('g', '10')),
    [],
    decimal(13),
    context({ isSoft: true }),
  )
  expect(left(settled.account)).toBe('-3')

  const refilled = decideGrant(settled.account, aGrant('h', '50'), 100)

  expect(summary(refilled.entries)).toEqual([
    ['h', 'granted', '50', '47'],
    ['h', 'burned', '3', '44'],
    [null, 'adjusted', '3', '47'],
  ])
  expect(left(refilled.account)).toBe('47')
  expect(refilled.account.debt).toBe(ZERO)
})

test('a debt is not paid from a grant for certain features or for later, yet weighs on what is available', () => {
  const owing = { ...anAccount(), debt: decimal(3) }
  const restricted = decideGrant(owing, aGrant('g', '50', { appliesTo: ['calls'] }), 100)
  expect(restricted.account.debt).toBe(decimal(3))
  expect(left(restricted.account)).toBe('47')
  expect(decideGrant(owing, aGrant('h', '5', { effectiveAt: 200 }), 100).entries).toHaveLength(1)
})

test('a reservation outlives the expiry of its grant; what is not held expires once', () => {
  const { account, holds } = reserved(anAccount(aGrant('g', '10', { expiresAt: 200 })), '4')
  expect(left(account, 200)).toBe('0')

  const expired = decideExpire(account, 200)
  expect(summary(expired.entries)).toEqual([['g', 'expired', '6', '0']])
  expect(decideExpire(expired.account, 201).entries).toEqual([])

  const settled = decideSettle(expired.account, holds, decimal(3), context({ now: 250 }))
  expect(settled.shortfall).toBe(ZERO)
  expect(summary(decideExpire(settled.account, 250).entries)).toEqual([['g', 'expired', '1', '0']])
})

test('voiding takes what is left and never what was burned or is held', () => {
  const { account } = reserved(anAccount(aGrant('g', '10')), '4')
  const cause = { kind: 'refund', id: 'refund_1' } as const
  expect(summary(decideVoid(account, 'g', 'unburned', cause).entries)).toEqual([
    ['g', 'voided', '6', '0'],
  ])
  expect(summary(decideVoid(account, 'g', decimal(2), cause).entries)).toEqual([
    ['g', 'voided', '2', '4'],
  ])
  expect(decideVoid(account, 'unknown', 'unburned', cause).entries).toEqual([])
})

test('what a grant is follows from its balance and the time', () => {
  const [fresh] = anAccount(aGrant('g', '10', { expiresAt: 200 })).holdings
  expect(grantStateAt(fresh!, 100)).toBe('active')
  expect(grantStateAt(fresh!, 200)).toBe('expired')
  const [burned] = decideSettle(anAccount(aGrant('g', '10')), [], decimal(10), context()).account
    .holdings
  expect(grantStateAt(burned!, 100)).toBe('depleted')
  expect(grantStateAt({ ...fresh!, grant: aGrant('g', '1', { state: 'pending' }) }, 0)).toBe(
    'pending',
  )
})

interface Step {
  readonly kind: 'grant' | 'reserve' | 'settle' | 'release' | 'burn' | 'expire' | 'void'
  readonly amount: Decimal
  readonly expiresAt: number | null
  readonly isSoft: boolean
}

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('grant', 'reserve', 'settle', 'release', 'burn', 'expire', 'void'),
    amount: fc.bigInt({ min: 0n, max: 10n ** 15n }).map((n) => n as Decimal),
    expiresAt: fc.option(fc.integer({ min: 1, max: 60 })),
    isSoft: fc.boolean(),
  }),
  { maxLength: 40 },
)

/** Runs a random history, one step per tick of the clock. */
function run(
  history: readonly Step[],
  check: (account: CreditAccount, now: number, step: Step) => void,
) {
  let account = anAccount()
  const open: Hold[][] = []
  const entries: LedgerEntry[] = []
  for (const [now, step] of history.entries()) {
    const spend = context({ now, isSoft: step.isSoft })
    const settles = step.kind === 'settle' || step.kind === 'release'
    const holds = settles ? (open.shift() ?? []) : []
    const post = (posting: { account: CreditAccount; entries: readonly LedgerEntry[] }) => {
      account = posting.account
      entries.push(...posting.entries)
    }
    if (step.kind === 'grant') {
      post(decideGrant(account, aGrant(`g${now}`, step.amount, { expiresAt: step.expiresAt }), now))
    } else if (step.kind === 'reserve') {
      const decision = decideReserve(account, step.amount, spend)
      if (decision.kind === 'posted') {
        post(decision)
        open.push([...decision.holds])
      }
    } else if (step.kind === 'settle') {
      post(decideSettle(account, holds, step.amount, spend))
    } else if (step.kind === 'release') {
      post(decideRelease(account, holds, spend.cause))
    } else if (step.kind === 'burn') {
      const decision = decideBurn(account, step.amount, spend)
      if (decision.kind === 'posted') post(decision)
    } else if (step.kind === 'expire') {
      post(decideExpire(account, now))
    } else {
      post(decideVoid(account, account.holdings[0]?.grant.id ?? '', step.amount, spend.cause))
    }
    check(account, now, step)
  }
  return { account, entries, open }
}

test('no grant ever goes below zero and nothing is reserved that is not there', () => {
  fc.assert(
    fc.property(steps, (history) => {
      run(history, ({ holdings, debt }) => {
        for (const { balance } of holdings) {
          const { granted, reserved, burned, expired, voided } = balance
          expect([reserved, burned, expired, voided].every((part) => part >= ZERO)).toBe(true)
          expect(granted >= reserved + burned + expired + voided).toBe(true)
        }
        expect(debt >= ZERO).toBe(true)
      })
    }),
  )
})

test('a hard customer never owes anything', () => {
  fc.assert(
    fc.property(steps, (history) => {
      run(
        history.map((step) => ({ ...step, isSoft: false })),
        (account, now) => {
          expect(account.debt).toBe(ZERO)
          expect(availableCredits(account, 'calls', now) >= ZERO).toBe(true)
        },
      )
    }),
  )
})

test('S5.15.9 every balance can be recomputed from the entries, one by one', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const { account, entries } = run(history, () => undefined)
      const again = replay(
        account.unit,
        account.holdings.map(({ grant }) => grant),
        entries,
      )
      expect(again.account).toEqual(account)
      expect(again.entries).toEqual(entries)
      expect(entries.at(-1)?.balanceAfter ?? ZERO).toBe(bookBalance(account))
    }),
  )
})

test('S5.15.3 nothing stays reserved once every reservation is settled or released', () => {
  fc.assert(
    fc.property(steps, (history) => {
      const { account, open } = run(history, () => undefined)
      const idle = open.reduce(
        (current, holds) => decideRelease(current, holds, { kind: 'request', id: 'sweep' }).account,
        account,
      )
      expect(idle.holdings.every(({ balance }) => balance.reserved === ZERO)).toBe(true)
    }),
  )
})
