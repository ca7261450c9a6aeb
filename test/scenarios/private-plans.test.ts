import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { farebox } from '../support/cli.ts'
import { fee, monthly } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
  await world.sells('partner', monthly('Partner', [fee('7.00')], { visibility: 'private' }))
})
afterAll(() => world.close())

/** The token in the newest mail to somebody that carries another one than before. */
async function tokenFor(address: string, before: readonly string[] = []): Promise<string> {
  const tokens = async () => {
    const { data } = await world.operator.get('/api/v1/mailbox')
    return data
      .filter(({ to }) => to === address)
      .flatMap(({ text }) => /\/portal\/invitations\/(\w+)/.exec(text)?.[1] ?? [])
      .filter((token) => !before.includes(token))
  }
  const [token = ''] = await until(tokens, (found) => found.length > 0)
  return token
}

const invite = (body: { email?: string; customerId?: string; expiresInDays?: number }) =>
  world.operator.post('/api/v1/plans/{planKey}/invitations', {
    params: { planKey: 'partner' },
    body,
  })
const accept = ({ portal }: Actor, token: string) =>
  portal.post('/api/v1/portal/invitations/accept', { body: { token } })
const plansOf = async ({ portal }: Actor) =>
  (await portal.get('/api/v1/portal/plans')).data.map(({ key }) => key)
const refusal = (reason: RegExp) => ({
  problem: expect.objectContaining({
    code: 'invitation_not_valid',
    detail: expect.stringMatching(reason),
  }),
})

test('S3.31 without an invitation a private plan does not exist: in no list, preview, estimate or purchase', async () => {
  const eve = await world.customer('Eve')
  const { portal } = eve
  const body = { planKey: 'partner' }
  const offered = await portal.get('/api/v1/public/plans')
  const asked = await Promise.allSettled([
    portal.post('/api/v1/portal/subscriptions', { body }),
    portal.post('/api/v1/portal/subscriptions/preview', { body }),
    portal.post('/api/v1/portal/cost', { body: { ...body, quantities: [] } }),
  ])
  await eve.subscribes('pro')
  const change = await portal
    .post('/api/v1/portal/subscription/change/preview', { body })
    .catch((error: unknown) => error)

  expect(offered.data.map(({ key }) => key)).not.toContain('partner')
  expect(await plansOf(eve)).not.toContain('partner')
  const codes = asked.map((each) =>
    each.status === 'rejected' ? (each.reason as { problem: { code: string } }).problem.code : each,
  )
  expect(codes).toEqual(['not_found', 'not_found', 'not_found'])
  expect(change).toMatchObject({ problem: { code: 'not_found' } })
})

test('S3.31 somebody invited before they are a customer signs up, accepts and buys', async () => {
  const invitation = await invite({ email: 'Grace@Example.com' })
  const token = await tokenFor('grace@example.com')
  const grace = await world.customer('Grace')
  const offer = await grace.portal.post('/api/v1/portal/invitations/read', { body: { token } })
  const before = await plansOf(grace)
  const accepted = await accept(grace, token)
  const after = await plansOf(grace)
  await grace.subscribes('partner')

  expect(invitation).toMatchObject({ email: 'grace@example.com', state: 'open' })
  expect(offer).toMatchObject({ planKey: 'partner', planName: 'Partner' })
  expect(before).not.toContain('partner')
  expect(accepted).toEqual({ planKey: 'partner' })
  expect(after).toContain('partner')
  expect((await grace.overview()).subscription).toMatchObject({ planKey: 'partner' })
  const { data } = await world.operator.get('/api/v1/plans/{planKey}/invitations', {
    params: { planKey: 'partner' },
  })
  expect(data.find(({ id }) => id === invitation.id)).toMatchObject({
    state: 'accepted',
    acceptedBy: grace.customerId,
  })
})

test('a link works once, and for nobody else', async () => {
  await invite({ email: 'linus@example.com' })
  const token = await tokenFor('linus@example.com')
  const linus = await world.customer('Linus')
  const mallory = await world.customer('Mallory')

  await expect(accept(mallory, token)).rejects.toMatchObject(refusal(/another address/))
  await expect(accept(linus, `${token}x`)).rejects.toMatchObject(refusal(/no such invitation/))
  const both = await Promise.allSettled([accept(linus, token), accept(linus, token)])
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  await expect(accept(linus, token)).rejects.toMatchObject(refusal(/accepted already/))
  expect(await plansOf(mallory)).not.toContain('partner')
})

test('one for a customer is mailed to its people and worth nothing to another account', async () => {
  const ken = await world.customer('Ken')
  const dennis = await world.customer('Dennis')
  await invite({ customerId: ken.customerId })
  const token = await tokenFor('ken@example.com')

  await expect(accept(dennis, token)).rejects.toMatchObject(refusal(/another account/))
  await accept(ken, token)
  expect(await plansOf(ken)).toContain('partner')
})

test('inviting again replaces the link, and revoking ends it, accepted or not', async () => {
  const barbara = await world.customer('Barbara')
  const address = 'barbara@example.com'
  await invite({ email: address })
  const first = await tokenFor(address)
  const { id: second } = await invite({ email: address })
  const token = await tokenFor(address, [first])
  await expect(accept(barbara, first)).rejects.toMatchObject(refusal(/taken back/))
  await accept(barbara, token)
  const between = await plansOf(barbara)

  const said = await farebox(world, `plans uninvite ${second}`)
  await invite({ email: address })
  const third = await tokenFor(address, [first, token])
  const listed = await farebox(world, 'plans invitations partner --json')
  const [newest] = listed.json()['data'] as { id: string }[]
  const revoked = await world.operator.post('/api/v1/invitations/{invitationId}/revoke', {
    params: { invitationId: newest?.id ?? '' },
  })

  expect(between).toContain('partner')
  expect(revoked).toMatchObject({ email: address, state: 'revoked' })
  expect(said.out).toContain('The invitation for barbara@example.com is taken back.')
  expect(await plansOf(barbara)).not.toContain('partner')
  await expect(accept(barbara, third)).rejects.toMatchObject(refusal(/taken back/))
})

test('an expired link is refused', async () => {
  const frances = await world.customer('Frances')
  const said = await farebox(world, 'plans invite partner --email frances@example.com --days 2')
  const token = await tokenFor('frances@example.com')
  await world.advance('P2D')

  expect(said.out).toMatch(/^Invited frances@example.com until /)
  await expect(accept(frances, token)).rejects.toMatchObject(refusal(/has expired/))
})

test('nobody is invited to a plan for everybody, nor twice named, nor not at all', async () => {
  const params = { planKey: 'pro' }
  const path = '/api/v1/plans/{planKey}/invitations'
  const asked = (body: { email?: string; customerId?: string }) =>
    world.operator.post(path, { params, body }).catch((error: unknown) => error)

  expect(await asked({ email: 'a@example.com' })).toMatchObject({
    problem: { errors: [{ path: 'planKey' }] },
  })
  expect(await asked({})).toMatchObject({ problem: { code: 'invalid_request' } })
  expect(await asked({ email: 'a@example.com', customerId: 'customer_1' })).toMatchObject({
    problem: { code: 'invalid_request' },
  })
})
