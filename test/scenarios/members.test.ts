import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import { visit } from '../support/actor.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

type Role = 'owner' | 'admin' | 'developer' | 'billing' | 'viewer'

const invite = (portal: Client, email: string, role: Role) =>
  portal.post('/api/v1/portal/member-invitations', { body: { email, role } })
const accept = (portal: Client, token: string) =>
  portal.post('/api/v1/portal/member-invitations/accept', { body: { token } })
const rolesOf = async (portal: Client) =>
  (await portal.get('/api/v1/portal/members')).data.map(({ name, role }) => `${name} ${role}`)
const waiting = async (portal: Client) =>
  (await portal.get('/api/v1/portal/member-invitations')).data.map(({ email }) => email)
const refusal = (code: string) => ({ problem: expect.objectContaining({ code }) })

async function mailsTo(address: string) {
  const { data } = await world.operator.get('/api/v1/mailbox')
  return data.filter(({ to }) => to === address)
}

/** The tokens in the mails to somebody, newest first. */
async function tokensFor(address: string, count = 1): Promise<string[]> {
  return until(
    async () =>
      (await mailsTo(address)).flatMap(({ text }) => /\/portal\/join\/(\w+)/.exec(text)?.[1] ?? []),
    (found) => found.length === count,
  )
}

test('who is invited signs up with the link and acts for the account, in the role that was offered', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('free')
  await invite(ada.portal, 'Grace@Example.com', 'developer')
  const [token = ''] = await tokensFor('grace@example.com')
  const before = await waiting(ada.portal)
  const grace = await visit(world.running, 'Grace')
  const offer = await grace.post('/api/v1/portal/member-invitations/read', { body: { token } })
  const account = await accept(grace, token)
  const { data: keys } = await grace.get('/api/v1/portal/keys')
  const issued = await grace.post('/api/v1/portal/keys', { body: { name: 'of Grace' } })

  expect(before).toEqual(['grace@example.com'])
  expect(offer).toMatchObject({ accountName: 'Ada', role: 'developer' })
  expect(account).toMatchObject({ id: ada.customerId, role: 'developer' })
  expect(keys).toHaveLength(1)
  expect(issued.key.name).toBe('of Grace')
  await expect(grace.post('/api/v1/portal/subscription/cancel')).rejects.toMatchObject(
    refusal('role_not_allowed'),
  )
  expect(await waiting(ada.portal)).toEqual([])
  expect(await rolesOf(ada.portal)).toEqual(['Ada owner', 'Grace developer'])
})

test('a link works once, for the address it was sent to, and not for who has an account of their own', async () => {
  const bea = await world.customer('Bea')
  const own = await world.customer('Carl')
  await invite(bea.portal, 'dora@example.com', 'billing')
  await invite(bea.portal, 'carl@example.com', 'billing')
  const [token = ''] = await tokensFor('dora@example.com')
  const [tokenOfCarl = ''] = await tokensFor('carl@example.com')
  const eve = await visit(world.running, 'Eve')
  const dora = await visit(world.running, 'Dora')

  await expect(accept(eve, token)).rejects.toMatchObject(refusal('invitation_not_valid'))
  await expect(accept(own.portal, tokenOfCarl)).rejects.toMatchObject({
    problem: expect.objectContaining({
      detail: expect.stringContaining('another account already'),
    }),
  })
  const both = await Promise.allSettled([accept(dora, token), accept(dora, token)])
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(await rolesOf(bea.portal)).toEqual(['Bea owner', 'Dora billing'])
})

test('inviting again replaces the link, and an invitation that is taken back opens nothing', async () => {
  const finn = await world.customer('Finn')
  await invite(finn.portal, 'gus@example.com', 'viewer')
  const [first = ''] = await tokensFor('gus@example.com')
  await invite(finn.portal, 'gus@example.com', 'admin')
  const tokens = await tokensFor('gus@example.com', 2)
  const second = tokens.find((token) => token !== first) ?? ''
  const gus = await visit(world.running, 'Gus')
  const { data } = await finn.portal.get('/api/v1/portal/member-invitations')

  await expect(accept(gus, first)).rejects.toMatchObject(refusal('invitation_not_valid'))
  const left = await finn.portal.post('/api/v1/portal/member-invitations/{invitationId}/revoke', {
    params: { invitationId: data[0]?.id ?? '' },
  })
  expect(data.map(({ role }) => role)).toEqual(['admin'])
  expect(left.data).toEqual([])
  await expect(accept(gus, second)).rejects.toMatchObject(refusal('invitation_not_valid'))
})

test('roles are given and taken: an admin manages all but owners, and one owner always stays', async () => {
  const hanna = await world.customer('Hanna')
  const join = async (name: string, role: Role): Promise<Client> => {
    const address = `${name.toLowerCase()}@example.com`
    await invite(hanna.portal, address, role)
    const [token = ''] = await tokensFor(address)
    const person = await visit(world.running, name)
    await accept(person, token)
    return person
  }
  const ivan = await join('Ivan', 'admin')
  const jana = await join('Jana', 'viewer')
  const { data } = await hanna.portal.get('/api/v1/portal/members')
  const idOf = (name: string) => ({ userId: data.find((each) => each.name === name)?.userId ?? '' })
  const give = (portal: Client, name: string, role: Role) =>
    portal.patch('/api/v1/portal/members/{userId}', { params: idOf(name), body: { role } })
  const remove = (portal: Client, name: string) =>
    portal.delete('/api/v1/portal/members/{userId}', { params: idOf(name) })

  await give(ivan, 'Jana', 'billing')
  await expect(give(ivan, 'Jana', 'owner')).rejects.toMatchObject(refusal('role_not_allowed'))
  await expect(invite(ivan, 'kim@example.com', 'owner')).rejects.toMatchObject(
    refusal('role_not_allowed'),
  )
  await expect(remove(ivan, 'Hanna')).rejects.toMatchObject(refusal('role_not_allowed'))
  await expect(remove(jana, 'Ivan')).rejects.toMatchObject(refusal('role_not_allowed'))
  await expect(remove(hanna.portal, 'Hanna')).rejects.toMatchObject(refusal('last_owner'))
  expect(await rolesOf(hanna.portal)).toEqual(['Hanna owner', 'Ivan admin', 'Jana billing'])

  await remove(jana, 'Jana')
  await expect(jana.get('/api/v1/portal/overview')).rejects.toMatchObject(refusal('no_account'))
  await give(hanna.portal, 'Ivan', 'owner')
  await remove(ivan, 'Hanna')
  expect(await rolesOf(ivan)).toEqual(['Ivan owner'])
})

test('an account writes to no more addresses than it may wait for', async () => {
  const lena = await world.customer('Lena')
  for (let n = 0; n < 25; n++) await invite(lena.portal, `guest${n}@example.com`, 'viewer')

  await expect(invite(lena.portal, 'one.more@example.com', 'viewer')).rejects.toMatchObject(
    refusal('too_many_invitations'),
  )
  await expect(invite(lena.portal, 'lena@example.com', 'viewer')).rejects.toMatchObject(
    refusal('invalid_request'),
  )
})

test('receipts go to who pays and to the billing address, what is about keys and quotas does not', async () => {
  const mara = await world.customer('Mara')
  const email = 'Books@example.com'
  await mara.portal.patch('/api/v1/portal/account', { body: { email } })
  await invite(mara.portal, 'nils@example.com', 'developer')
  const [token = ''] = await tokensFor('nils@example.com')
  await accept(await visit(world.running, 'Nils'), token)

  await mara.subscribes('pro')

  const told = await until(
    async () => {
      const { data } = await world.operator.get('/api/v1/mailbox')
      return data
        .filter(({ subject }) => subject.includes('Receipt for $29.00'))
        .map(({ to }) => to)
    },
    (found) => found.length === 2,
  )
  expect(told.toSorted()).toEqual([email, 'mara@example.com'].toSorted())
  const started = (await mailsTo(email)).map(({ subject }) => subject)
  expect(started.filter((subject) => subject.includes('subscription has started'))).toEqual([])
})
