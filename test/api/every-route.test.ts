import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contract } from '../../src/api/contract/contract.ts'
import type { Actor } from '../support/actor.ts'
import { farebox } from '../support/cli.ts'
import { fee, monthly } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

const TESTS = join(import.meta.dirname, '..')

let world: World
let ada: Actor
beforeAll(async () => {
  world = await openWorld()
  ada = await world.customer('Ada')
  await ada.subscribes('pro')
  await ada.callsTimes(2)
  await world.running.gateway.flush()
  await until(
    () => ada.invoices(),
    ([first]) => first?.includes('paid') === true,
  )
})
afterAll(() => world.close())

/** The last month, and the next day: everything that has happened. */
const lately = () => ({
  meter: 'requests',
  from: new Date(Date.now() - 30 * 86_400_000).toISOString(),
  to: new Date(Date.now() + 86_400_000).toISOString(),
})

test('what a customer looks at is theirs: usage, plans, people, payments, what they are written about', async () => {
  const { portal } = ada
  const { data: plans, currentPlanKey } = await portal.get('/api/v1/portal/plans')
  const { data: offered } = await portal.get('/api/v1/public/plans')
  const usage = await portal.get('/api/v1/portal/usage', { query: { ...lately(), grain: 'day' } })
  const shares = await portal.get('/api/v1/portal/usage/breakdown', { query: lately() })
  const members = await portal.get('/api/v1/portal/members')
  const payments = await portal.get('/api/v1/portal/payments')
  const topic = { params: { topic: 'usage' as const }, body: { isEnabled: false } }
  await portal.put('/api/v1/portal/notification-preferences/{topic}', topic)
  const mails = await portal.get('/api/v1/portal/notification-preferences')
  const { url } = await portal.post('/api/v1/portal/billing-portal')

  expect(plans.map(({ key }) => key)).toEqual(offered.map(({ key }) => key))
  expect(currentPlanKey).toBe('pro')
  expect((await portal.get('/api/v1/portal/meters')).data.map(({ key }) => key)).toContain(
    usage.meterKey,
  )
  expect([usage.total, shares.data.map(({ value }) => value)]).toEqual(['2', ['2']])
  expect(members.data.map(({ name, role }) => [name, role])).toEqual([['Ada', 'owner']])
  expect(payments.data.map(({ amount }) => amount.amountMinor)).toEqual([2_900])
  expect(mails.data.find((each) => each.topic === 'usage')?.isEnabled).toBe(false)
  expect(url).toContain(world.running.simulatorUrl ?? '')
})

test('what a customer has is renamed and resumed', async () => {
  const { portal } = ada
  const { data: keys } = await portal.get('/api/v1/portal/keys')
  const params = { keyId: keys[0]?.id ?? '' }
  const renamed = await portal.patch('/api/v1/portal/keys/{keyId}', {
    params,
    body: { name: 'build' },
  })
  const canceled = await portal.post('/api/v1/portal/subscription/cancel')
  const resumed = await portal.post('/api/v1/portal/subscription/resume')

  expect(renamed.name).toBe('build')
  expect([canceled.lifecycle, resumed.lifecycle]).toEqual(['canceling', 'active'])
})

test('an operator helps a customer with keys and a suspension', async () => {
  const { operator } = world
  const params = { customerId: ada.customerId }
  const issued = await operator.post('/api/v1/customers/{customerId}/keys', {
    params,
    body: { name: 'help' },
  })
  const keyParams = { ...params, keyId: issued.key.id }
  const rotated = await operator.post('/api/v1/customers/{customerId}/keys/{keyId}/rotate', {
    params: keyParams,
    body: { overlapHours: 0 },
  })
  const revoked = await operator.post('/api/v1/customers/{customerId}/keys/{keyId}/revoke', {
    params: { ...params, keyId: rotated.key.id },
  })
  const { data: keys } = await operator.get('/api/v1/customers/{customerId}/keys', { params })
  const reason = { reason: 'operator' as const }
  await operator.post('/api/v1/customers/{customerId}/suspend', { params, body: reason })
  const back = await operator.post('/api/v1/customers/{customerId}/reinstate', {
    params,
    body: reason,
  })

  expect(rotated.secret).not.toBe(issued.secret)
  expect(revoked.state).toBe('revoked')
  expect(keys.map(({ id }) => id)).toEqual(expect.arrayContaining([issued.key.id, rotated.key.id]))
  expect(back.suspensions).toEqual([])
})

test('an operator follows money: subscription, invoice, payment, refund, credit note', async () => {
  const { operator } = world
  const { data: subscriptions } = await operator.get('/api/v1/subscriptions', {
    query: { customerId: ada.customerId },
  })
  const subscriptionId = subscriptions[0]?.id ?? ''
  const subscription = await operator.get('/api/v1/subscriptions/{subscriptionId}', {
    params: { subscriptionId },
  })
  await operator.post('/api/v1/subscriptions/{subscriptionId}/cancel', {
    params: { subscriptionId },
    body: { timing: 'default' },
  })
  const resumed = await operator.post('/api/v1/subscriptions/{subscriptionId}/resume', {
    params: { subscriptionId },
  })
  const next = await operator.get('/api/v1/subscriptions/{subscriptionId}/next-invoice', {
    params: { subscriptionId },
  })
  const { data: payments } = await operator.get('/api/v1/payments', {
    query: { customerId: ada.customerId },
  })
  const paymentId = payments[0]?.id ?? ''
  const payment = await operator.get('/api/v1/payments/{paymentId}', { params: { paymentId } })
  const invoiceId = payment.invoiceId ?? ''
  const invoice = await operator.get('/api/v1/invoices/{invoiceId}', { params: { invoiceId } })
  const refunding = { amountMinor: 900, reason: 'customer_request' } as const
  const preview = await operator.post('/api/v1/payments/{paymentId}/refunds/preview', {
    params: { paymentId },
    body: refunding,
  })
  const refund = await operator.post('/api/v1/payments/{paymentId}/refunds', {
    params: { paymentId },
    body: refunding,
  })
  const settled = await until(
    () => operator.get('/api/v1/refunds/{refundId}', { params: { refundId: refund.id } }),
    ({ state }) => state === 'succeeded',
  )
  const { data: notes } = await operator.get('/api/v1/credit-notes', { query: { invoiceId } })

  expect([subscription.planKey, resumed.lifecycle]).toEqual(['pro', 'active'])
  expect(next.invoice?.total.amountMinor).toBe(2_900)
  expect([payment.amount, invoice.total.amountMinor, notes]).toEqual([invoice.total, 2_900, []])
  expect([preview.amount?.amountMinor, settled.amount.amountMinor]).toEqual([900, 900])
  expect((await operator.get('/api/v1/refunds')).data.map(({ id }) => id)).toEqual([refund.id])
  expect((await operator.get('/api/v1/dunning-cases')).data).toEqual([])
  expect((await operator.get('/api/v1/disputes')).data).toEqual([])
  expect((await operator.get('/api/v1/billing/rehearsal')).data).toEqual([])
  const letters = await operator.get('/api/v1/notifications', {
    query: { customerId: ada.customerId },
  })
  expect(letters.data.every(({ customerId }) => customerId === ada.customerId)).toBe(true)
})

test('an operator writes a version, compares it, and puts plans in order', async () => {
  const { operator } = world
  await world.sells('team', monthly('Team', [fee('49.00')]))
  const params = { planKey: 'team' }
  const draft = await operator.post('/api/v1/plans/{planKey}/next', { params })
  await operator.put('/api/v1/plans/{planKey}/draft', {
    params,
    body: { revision: draft.revision, definition: monthly('Team', [fee('59.00')]) },
  })
  const { effects } = await operator.get('/api/v1/plans/{planKey}/diff', { params })
  const { data: versions } = await operator.get('/api/v1/plans/{planKey}/versions', { params })
  const { data: plans } = await operator.get('/api/v1/plans')
  const keys = plans.map(({ key }) => key).toReversed()
  await operator.put('/api/v1/plan-order', { body: { keys } })
  await operator.post('/api/v1/plans/{planKey}/default', { params: { planKey: 'free' } })
  const { data: ordered } = await operator.get('/api/v1/plans')

  expect(effects.length).toBeGreaterThan(0)
  expect(versions.map(({ state }) => state)).toEqual(['draft', 'active'])
  expect(ordered.map(({ key }) => key)).toEqual(keys)
})

test('credits are packed, given, consumed and taken back', async () => {
  const { operator } = world
  const params = { customerId: ada.customerId }
  const unit = 'money:usd'
  const packKey = { packKey: 'ten' }
  await operator.put('/api/v1/credit-packs/{packKey}', {
    params: packKey,
    body: { name: 'Ten', unit, amountPerPack: '10', priceMinor: 1_000, currency: 'usd' },
  })
  const packs = await operator.get('/api/v1/credit-packs')
  await operator.delete('/api/v1/credit-packs/{packKey}', { params: packKey })
  await operator.post('/api/v1/customers/{customerId}/credits/grants', {
    params,
    body: { unit, amount: '5' },
  })
  const left = await operator.post('/api/v1/customers/{customerId}/credits/consume', {
    params,
    body: { unit, amount: '2', reference: 'once' },
  })
  const ledger = await operator.get('/api/v1/customers/{customerId}/credits/ledger', { params })
  await operator.get('/api/v1/customers/{customerId}/credits', { params })

  expect(packs.data.map(({ key }) => key)).toEqual(['ten'])
  expect(left.available).toBe('3')
  expect(ledger.data.length).toBeGreaterThan(1)
  expect((await ada.portal.get('/api/v1/portal/credits/ledger')).data.length).toBe(
    ledger.data.length,
  )
  const { grants } = await ada.portal.get('/api/v1/portal/credits')
  await operator.post('/api/v1/credit-grants/{grantId}/void', {
    params: { grantId: grants[0]?.id ?? '' },
    body: {},
  })
  expect((await ada.portal.get('/api/v1/portal/credits')).grants[0]?.state).toBe('voided')
})

test('the installation is looked after: operators, tokens, Stripe, its events, comparisons', async () => {
  const { operator } = world
  const operators = await operator.get('/api/v1/operators')
  const issued = await operator.post('/api/v1/tokens', { body: { name: 'spare' } })
  await operator.delete('/api/v1/tokens/{tokenId}', { params: { tokenId: issued.token.id } })
  const tokens = await operator.get('/api/v1/tokens')
  const summary = await operator.get('/api/v1/summary')
  const connection = await operator.get('/api/v1/stripe/connection')
  const { data: events } = await operator.get('/api/v1/webhook-events')
  const paid = events.find(({ type }) => type === 'invoice.paid')
  const eventParams = { params: { eventId: paid?.id ?? '' } }
  const event = await operator.get('/api/v1/webhook-events/{eventId}', eventParams)
  await operator.post('/api/v1/webhook-events/{eventId}/replay', eventParams)
  await operator.post('/api/v1/stripe/events/poll', { body: { since: lately().from } })
  await operator.post('/api/v1/customers/{customerId}/sync', {
    params: { customerId: ada.customerId },
    body: {},
  })
  const run = await operator.post('/api/v1/stripe/reconcile', { body: { isDryRun: true } })
  const compared = await until(
    () => operator.get('/api/v1/stripe/reconcile-runs/{runId}', { params: { runId: run.id } }),
    ({ state }) => state !== 'running',
  )
  const runs = await operator.get('/api/v1/stripe/reconcile-runs')
  const upstreams = await operator.get('/api/v1/upstreams')

  expect(compared).toMatchObject({ state: 'done', isDryRun: true })
  expect(runs.data.map(({ id }) => id)).toContain(run.id)
  expect(operators.data.length).toBe(1)
  expect(tokens.data.map(({ name }) => name)).toContain('scenario')
  expect(event.customer).toEqual({ id: ada.customerId, name: 'Ada' })
  expect([summary, connection, upstreams].every(Boolean)).toBe(true)
  expect((await farebox(world, 'billing runs')).code).toBe(0)
})

/** Every text of a test that may name a route: as the typed client does, or as an address. */
function testText(): string {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('.ts') && !/api.(authorization|refusals)/.test(file))
    .map((file) => readFileSync(join(TESTS, file), 'utf8'))
    .join('\n')
}

/** Does this text call the route, with its method: through the typed client, or as a request of its own? */
function calls(text: string, method: string, path: string): boolean {
  const address = path
    .replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\{\w+\}/g, String.raw`(?:\{\w+\}|\$\{[^}]+\}|[\w-]+)`)
  const occurrence = new RegExp(`${address}(?=['"\`?])`, 'g')
  for (const { index, 0: found } of text.matchAll(occurrence)) {
    const before = text.slice(Math.max(0, index - 90), index)
    const after = text.slice(index + found.length, index + found.length + 220)
    const typed = /\.(get|post|put|patch|delete)\(\s*['"`]\S*$/.exec(before)?.[1]
    const sent = /['"](GET|POST|PUT|PATCH|DELETE)['"],\s*\S*$/.exec(before)?.[1]
    const given = /^[^;]*?method: '(\w+)'/.exec(after)?.[1]
    const isFetch = /fetch\(\s*\S*$/.test(before)
    const used = typed ?? sent ?? (isFetch ? (given ?? 'GET') : undefined)
    if (used?.toLowerCase() === method) return true
  }
  return false
}

test('every route of the contract is called by a test, with its method', () => {
  const text = testText()

  const uncalled = Object.entries(contract).filter(
    ([, { method, path }]) => !calls(text, method, path),
  )

  expect(uncalled.map(([name]) => name)).toEqual([])
})
