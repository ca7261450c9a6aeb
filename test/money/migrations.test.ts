import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { farebox } from '../support/cli.ts'
import { fee, monthly } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type SoldPlan, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const planOf = (amount: string, changes: Partial<SoldPlan> = {}) =>
  monthly('Growth', [fee(amount)], changes)
const OWN = { engine: 'stripe_invoice', checkoutMode: 'setup' } as const

async function sellsNext(planKey: string, definition: SoldPlan): Promise<void> {
  const params = { planKey }
  const { revision } = await world.operator.post('/api/v1/plans/{planKey}/next', { params })
  await world.operator.put('/api/v1/plans/{planKey}/draft', {
    params,
    body: { revision, definition },
  })
  await world.operator.post('/api/v1/plans/{planKey}/publish', { params })
}

const starts = (planKey: string, body: Parameters<typeof post>[1] = {}) => post(planKey, body)
function post(
  planKey: string,
  body: { noticeDays?: number; timing?: 'at_renewal' | 'immediate' },
): Promise<{ id: string }> {
  return world.operator.post('/api/v1/plans/{planKey}/migrations', { params: { planKey }, body })
}

const migrationOf = (migrationId: string) =>
  world.operator.get('/api/v1/migrations/{migrationId}', { params: { migrationId } })

/** Once the background has looked. */
const reaches = (id: string, count: 'scheduled' | 'moved' | 'excluded', number: number) =>
  until(
    () => migrationOf(id),
    ({ counts }) => counts[count] === number,
  )

const totals = async (actor: Actor, count: number): Promise<number[]> => {
  const { data } = await until(
    () => actor.portal.get('/api/v1/portal/invoices'),
    (page) => page.data.filter(({ state }) => state === 'paid').length >= count,
  )
  return data.map(({ total }) => total.amountMinor).toReversed()
}

const mailsTo = async (name: string) => {
  const { data } = await world.operator.get('/api/v1/mailbox')
  return data.filter(
    ({ to, subject }) => to === `${name.toLowerCase()}@example.com` && subject.includes('changes'),
  ).length
}

test.each([
  ['grow', {}],
  ['grow_own', OWN],
] as const)(
  'U30 U31 subscribers of %s keep their version until the first renewal after the notice, told once',
  async (planKey, changes) => {
    await world.sells(planKey, planOf('29.00', changes))
    const ada = await world.customer(`Ada_${planKey}`)
    await ada.subscribes(planKey)
    await sellsNext(planKey, planOf('39.00', changes))

    const params = { planKey }
    const body = { noticeDays: 40 }
    const preview = await world.operator.post('/api/v1/plans/{planKey}/migrations/preview', {
      params,
      body,
    })
    const { id } = await starts(planKey, body)
    await until(
      () => mailsTo(`Ada_${planKey}`),
      (count) => count === 1,
    )
    await world.advance('P1M')
    await world.advance('P1M')
    await world.advance('PT2H')
    const after = await reaches(id, 'moved', 1)

    expect(preview).toMatchObject({ toVersion: 2, memberCount: 1 })
    expect(preview.members[0]).toMatchObject({
      monthlyBefore: { amountMinor: 2900 },
      monthlyAfter: { amountMinor: 3900 },
      dueNow: { amountMinor: 0 },
      refusal: null,
    })
    expect(await totals(ada, 3)).toEqual([2900, 2900, 3900])
    expect(await mailsTo(`Ada_${planKey}`)).toBe(1)
    expect(after.counts).toMatchObject({ waiting: 0, scheduled: 0, moved: 1 })
    await until(
      () => migrationOf(id),
      ({ state }) => state === 'finished',
    )
  },
)

test('U31 who is excluded, takes the change back or is not moved yet at the end stays, whoever runs it how often', async () => {
  await world.sells('stay', planOf('10.00'))
  const [ann, ben, cid] = [
    await world.customer('Ann'),
    await world.customer('Ben'),
    await world.customer('Cid'),
  ]
  for (const actor of [ann, ben, cid]) await actor.subscribes('stay')
  await sellsNext('stay', planOf('20.00'))

  const { id } = await starts('stay', { noticeDays: 0 })
  await expect(starts('stay')).rejects.toMatchObject({ code: 'migration_running' })
  await reaches(id, 'scheduled', 3)
  await world.operator.post('/api/v1/migrations/{migrationId}/exclude', {
    params: { migrationId: id },
    body: { customerId: ann.customerId },
  })
  await ben.portal.post('/api/v1/portal/subscription/change/undo')
  await world.advance('PT1H')
  await reaches(id, 'excluded', 2)
  const canceled = await world.operator.post('/api/v1/migrations/{migrationId}/cancel', {
    params: { migrationId: id },
  })
  await world.advance('P1M')
  await world.advance('PT2H')
  const ofPlan = (planKey: string) =>
    world.operator.get('/api/v1/migrations', { query: { planKey } })
  const [latest, ...others] = (await ofPlan('stay')).data
  const members = await world.operator.get('/api/v1/migrations/{migrationId}/members', {
    params: { migrationId: id },
  })

  expect(canceled).toMatchObject({ state: 'canceled', counts: { excluded: 2, canceled: 1 } })
  expect([latest?.id, ...others]).toEqual([id])
  expect((await ofPlan('pro')).data).toEqual([])
  const states = new Map(members.data.map((member) => [member.customerId, member.state]))
  expect([ann, ben, cid].map(({ customerId }) => states.get(customerId))).toEqual([
    'excluded',
    'excluded',
    'canceled',
  ])
  for (const actor of [ann, ben, cid]) expect(await totals(actor, 2)).toEqual([1000, 1000])
  expect([await mailsTo('Ann'), await mailsTo('Ben'), await mailsTo('Cid')]).toEqual([1, 1, 1])
})

test('U31 at once, the move costs what the dry run said, but for the seconds between them', async () => {
  await world.sells('now', planOf('30.00'))
  const eve = await world.customer('Eve')
  await eve.subscribes('now')
  await sellsNext('now', planOf('60.00'))
  await world.advance('P10D')

  const flags = `--immediate --notice-days 0 --customer ${eve.customerId}`
  const dry = await farebox(world, `plans migrate now ${flags} --dry-run --json`)
  const { members } = dry.json() as unknown as { members: { dueNow: { amountMinor: number } }[] }
  const started = await farebox(world, `plans migrate now ${flags} --json`)
  const { id } = started.json() as unknown as { id: string }
  await reaches(id, 'moved', 1)

  const due = members[0]?.dueNow.amountMinor ?? 0
  expect(due).toBeGreaterThan(0)
  const paid = await totals(eve, 2)
  expect(Math.abs((paid[1] ?? 0) - due)).toBeLessThanOrEqual(1)
  const listed = await farebox(world, 'plans migrations')
  expect(listed.out).toContain('now v2')
})
