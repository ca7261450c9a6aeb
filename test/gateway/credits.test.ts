import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { CreditUnit } from '../../src/domain/credits/grant.ts'
import { type Gateway, startGateway } from '../../src/gateway/gateway.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { add, decimal, formatDecimal, ZERO } from '../../src/kit/decimal.ts'
import { createLog } from '../../src/platform/log.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { type BackOffice, openBackOffice } from '../support/back-office.ts'
import { monthly, priced, quota, putOnSale } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { anUpstream, call } from './harness.ts'
import { METERED, toRouting } from './world.ts'

const FEATURE: CreditUnit = { kind: 'feature', featureKey: 'requests' }
const CUSTOM: CreditUnit = { kind: 'custom', creditKey: 'credits' }
const DOLLARS: CreditUnit = { kind: 'money', currency: 'usd' }

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
  const isFree = { isPaymentMethodRequired: false } as const
  const costsTwo = { creditCost: { creditKey: 'credits', perUnit: '2' } }
  await putOnSale(
    office,
    'prepaid',
    monthly(
      'Prepaid',
      [priced('requests', { type: 'unit', amount: '0.01' }, { entitlement: null })],
      { ...isFree, settlement: 'credit_only' },
    ),
  )
  await putOnSale(
    office,
    'hard',
    monthly('Hard', [{ ...quota('requests', '3'), ...costsTwo }], isFree),
  )
  await putOnSale(
    office,
    'soft',
    monthly('Soft', [
      priced(
        'requests',
        { type: 'unit', amount: '0.01' },
        {
          ...costsTwo,
          entitlement: {
            type: 'metered',
            issueAfterReset: '3',
            usagePeriod: 'P1M',
            onLimit: 'bill_overage',
          },
        },
      ),
    ]),
  )
})
afterAll(() => office.close())

interface Caller {
  readonly id: string
  readonly subscriptionId: string
  gives(unit: CreditUnit, amount: string, changes?: object): Promise<string>
  /** The status of each of so many calls at once, spread over the gateways. */
  calls(count: number, path?: string): Promise<number[]>
  available(unit: CreditUnit): Promise<string>
  readonly gateways: readonly Gateway[]
  readonly secret: string
}

/** Somebody on a plan, behind so many gateways on one database. */
async function aCaller(
  planKey: string,
  { gateways = 1, workers = 0, meters = '1' } = {},
): Promise<Caller> {
  const { domain, caller } = office
  const payer = await office.customer(planKey)
  const { id } = payer
  await payer.subscribes(planKey)
  await office.settle()
  const subscription = await domain.subscriptions.findLatest('test', id)
  const { secret } = await domain.keys.issue(caller, {
    customerId: id,
    subscriptionId: null,
    name: 'key',
  })
  const upstream = await anUpstream((request, response) => {
    response.statusCode = request.url === '/fails' ? 500 : 200
    response.end('ok')
  })
  const routing = toRouting(
    [{ ...METERED, policy: { meters: { requests: meters } } }],
    [{ key: 'api', url: upstream.url }],
  )
  const running = await Promise.all(
    Array.from({ length: gateways }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'farebox-credits-'))
      const gateway = await startGateway({
        host: '127.0.0.1',
        port: 0,
        folder,
        workers,
        access: domain.access,
        metering: domain.metering,
        routing: { current: () => Promise.resolve(routing) },
        quotas: domain.quotas,
        portalUrl: 'http://console.test/portal',
        clock: systemClock,
        log: createLog({ level: 'silent', format: 'text' }),
        metrics: createMetrics(),
      })
      onTestFinished(async () => {
        await gateway.close()
        rmSync(folder, { recursive: true, force: true })
      })
      return gateway
    }),
  )
  return {
    id,
    subscriptionId: subscription?.id ?? '',
    secret,
    gateways: running,
    gives: (unit, amount, changes = {}) =>
      domain.credits.grant(caller, id, {
        unit,
        amount: decimal(amount),
        category: 'promotional',
        priority: 100,
        expiresAt: null,
        appliesTo: null,
        note: null,
        ...changes,
      }),
    async calls(count, path = '/') {
      const answers = await Promise.all(
        Array.from({ length: count }, (_, n) =>
          call({ gateway: running[n % running.length] as Gateway }, path, { key: secret }),
        ),
      )
      return answers.map(({ status }) => status)
    },
    async available(unit) {
      for (const gateway of running) await gateway.flush()
      const balances = await domain.credits.balances('test', id)
      const text =
        unit.kind === 'money'
          ? 'money:usd'
          : unit.kind === 'custom'
            ? 'custom:credits'
            : 'feature:requests'
      const found = balances.find((balance) => balance.unit === text)
      return found === undefined ? '0' : formatDecimal(found.available)
    },
  }
}

const isNothing = (available: string) => available === '0'
const admitted = (statuses: readonly number[]) => statuses.filter((status) => status === 200).length

async function expectLedgerToAddUp({ id }: Caller): Promise<void> {
  const { domain } = office
  const { data } = await domain.credits.entries('test', id, { limit: 1_000 })
  const sums = new Map<string, bigint>()
  for (const entry of data.toReversed()) {
    const sign = ['granted', 'released', 'adjusted'].includes(entry.type) ? 1n : -1n
    const sum = (sums.get(entry.unit) ?? 0n) + sign * decimal(entry.amount)
    expect(sum).toBe(decimal(entry.balanceAfter))
    expect(sum).toBeGreaterThanOrEqual(0n)
    sums.set(entry.unit, sum)
  }
}

test('a prepaid customer without credits is refused and told to top up', async () => {
  const ada = await aCaller('prepaid')

  const answer = await call({ gateway: ada.gateways[0] as Gateway }, '/', { key: ada.secret })

  expect(answer.status).toBe(403)
  expect(answer.problem).toMatchObject({ code: 'insufficient_credits' })
  expect(answer.problem.actions[0]).toEqual({
    rel: 'top_up',
    href: 'http://console.test/portal/billing/credits',
  })
})

test('U13 a prepaid customer runs out, tops up and goes on within a second, one at a time again', async () => {
  const bob = await aCaller('prepaid')
  await bob.gives(DOLLARS, '0.05')

  expect(admitted(await bob.calls(9))).toBe(5)
  expect(await bob.calls(1)).toEqual([403])
  await bob.gives(DOLLARS, '0.02')
  await until(
    () => bob.calls(1),
    ([status]) => status === 200,
  )

  expect(admitted(await bob.calls(5))).toBe(1)
  await until(() => bob.available(DOLLARS), isNothing)
  await expectLedgerToAddUp(bob)
})

test.each([
  { gateways: 3, workers: 0 },
  { gateways: 1, workers: 2 },
])(
  'U11 callers at once over $gateways gateways and $workers workers never spend more than there is',
  async (shape) => {
    const cleo = await aCaller('prepaid', shape)
    await cleo.gives(DOLLARS, '1.20')

    const first = await cleo.calls(100)
    const second = await cleo.calls(100)

    expect(admitted([...first, ...second])).toBe(120)
    await until(() => cleo.available(DOLLARS), isNothing)
    await expectLedgerToAddUp(cleo)
  },
)

test('the plan’s units go first, then units of the feature, then credits, then the call is refused', async () => {
  const dan = await aCaller('hard')
  await dan.gives(FEATURE, '2')
  await dan.gives(CUSTOM, '4')

  const requestIds: string[] = []
  for (let n = 0; n < 8; n++) {
    const answer = await call({ gateway: dan.gateways[0] as Gateway }, '/', { key: dan.secret })
    requestIds.push(String(answer.headers['x-request-id']))
    expect(answer.status).toBe(n < 7 ? 200 : 403)
    if (n === 7)
      expect(answer.problem).toMatchObject({ code: 'insufficient_credits', limit: { limit: 3 } })
  }

  const explained = await Promise.all(
    requestIds.map((id) => (dan.gateways[0] as Gateway).decisions.explain(id)),
  )
  expect(explained.map((each) => each?.usage[0]?.credits[0]?.unit)).toEqual([
    undefined,
    undefined,
    undefined,
    'feature:requests',
    'feature:requests',
    'custom:credits',
    'custom:credits',
    undefined,
  ])
  expect(explained[5]?.usage[0]?.credits).toEqual([
    { unit: 'custom:credits', units: '1', amount: '2' },
  ])
  await until(() => dan.available(FEATURE), isNothing)
  await until(() => dan.available(CUSTOM), isNothing)
  await expectLedgerToAddUp(dan)
})

test('where overage is billed nothing is refused, and what credits paid is noted apart', async () => {
  const eve = await aCaller('soft', { gateways: 2 })
  await eve.gives(CUSTOM, '8')

  expect(admitted(await eve.calls(10))).toBe(10)

  await until(() => eve.available(CUSTOM), isNothing)
  const all = { startsAt: 0, endsAt: Date.UTC(2200, 0, 1) }
  await until(
    async () => {
      const burns = await office.domain.creditSpending.burns('test', eve.subscriptionId, all)
      return formatDecimal(burns.reduce((sum, { units }) => add(sum, units), ZERO))
    },
    (units) => units === '4',
  )
  const used = await office.domain.metering.total('test', eve.subscriptionId, 'requests', all)
  expect(formatDecimal(used)).toBe('10')
})

test('credits a call took that another is billed for under its key are free again, once', async () => {
  const { domain } = office
  const kim = await aCaller('prepaid')
  await kim.gives(DOLLARS, '0.10')
  const rates = [{ unit: 'money:usd', perUnit: '0.01' }]
  const key = {
    mode: 'test' as const,
    subscriptionId: kim.subscriptionId,
    quotaKey: '@credits:requests:money:usd@0.01',
    window: { startsAt: 0, endsAt: 1 },
    credit: { customerId: kim.id, featureKey: 'requests', rates },
  }
  const [units, unbilled, need] = [decimal(1), decimal(2), decimal(5)]

  await domain.quotas.lease('p', [{ ...key, ceiling: null, debt: ZERO, need, want: ZERO }])
  expect(await kim.available(DOLLARS)).toBe('0.05')
  for (let n = 0; n < 2; n++) await domain.quotas.settle('p', 1, [{ ...key, units, unbilled }])
  expect(await kim.available(DOLLARS)).toBe('0.07')
  await domain.quotas.retire('p')

  expect(await kim.available(DOLLARS)).toBe('0.09')
  await expectLedgerToAddUp(kim)
})

test('what was not billed gives its credits back', async () => {
  const flo = await aCaller('prepaid')
  await flo.gives(DOLLARS, '0.03')

  expect(await flo.calls(6, '/fails')).toHaveLength(6)

  expect(admitted(await flo.calls(4))).toBe(3)
})

test('credits that are taken back or frozen cannot be spent a moment later', async () => {
  const gus = await aCaller('prepaid')
  const grantId = await gus.gives(DOLLARS, '100')
  expect(await gus.calls(1)).toEqual([200])

  await office.domain.credits.voidGrant(office.caller, grantId, 'a mistake')

  await until(
    () => gus.calls(1),
    ([status]) => status === 403,
  )
  await until(() => gus.available(DOLLARS), isNothing)
  await until(
    () => office.domain.credits.grants('test', gus.id),
    ([grant]) => grant?.balance.reserved === ZERO,
  )
  await expectLedgerToAddUp(gus)
})
