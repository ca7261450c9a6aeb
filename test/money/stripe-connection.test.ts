import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemCaller } from '../../src/domain/audit/caller.ts'
import { fingerprintOf, writeSeenKey } from '../../src/domain/connections/key-age.ts'
import { SIMULATOR_KEY, SIMULATOR_LIVE_KEY } from '../../src/domain/connections/service.ts'
import { DAY_MS } from '../../src/kit/instant.ts'
import { createLog } from '../../src/platform/log.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { until } from '../support/until.ts'

const SECRET_KEY = 'payment.stripe.secret_key'
const live = systemCaller('live')

let office: BackOffice
let lines: string[]
beforeAll(async () => {
  lines = []
  const write = (line: string) => void lines.push(line)
  office = await openBackOffice({ log: createLog({ level: 'debug', format: 'json', write }) })
})
beforeEach(() => {
  lines.length = 0
})
afterAll(() => office.close())

const logged = (event: string) =>
  lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line['event'] === event)
const subscribe = ({ id: customerId }: Payer, planKey = 'pro') =>
  office.domain.subscriptions.subscribe(office.caller, {
    customerId,
    planKey,
    successUrl: 'http://console.test/done',
    cancelUrl: 'http://console.test/plans',
  })
async function isMappedTo(payer: Payer, externalId: string): Promise<void> {
  const { scope } = await office.domain.connections.stripe('test')
  const mapping = { entityKind: 'customer' as const, entityId: payer.id, externalId, metadata: {} }
  await office.domain.connections.map(office.database.db, scope, mapping)
}
const mappedTo = async ({ id }: Payer) => {
  const { scope } = await office.domain.connections.stripe('test')
  return office.domain.connections.externalId(scope, 'customer', id)
}

test('every request to Stripe is logged with its id and duration, and never with a key', async () => {
  await office.customer('Ada')

  const requests = logged('stripe.request')
  expect(requests.length).toBeGreaterThan(0)
  for (const request of requests) {
    expect(request).toMatchObject({
      level: 'debug',
      mode: 'test',
      method: expect.stringMatching(/^(?:GET|POST|DELETE)$/),
      path: expect.stringMatching(/^\/v[12]\//),
      status: expect.any(Number),
      stripeRequestId: expect.stringMatching(/^req_/),
      elapsedMs: expect.any(Number),
    })
  }
  expect(lines.join()).not.toMatch(/(?:sk|rk)_(?:test|live)_|whsec_/)
})

test('S3.49 a key of the other mode is refused before anybody is asked', async () => {
  const { connections } = office.domain
  for (const [caller, key] of [
    [live, SIMULATOR_KEY],
    [office.caller, SIMULATOR_LIVE_KEY],
    [live, 'pk_live_publishable'],
  ] as const) {
    await expect(connections.connect(caller, key)).rejects.toMatchObject({
      code: 'stripe_key_mode',
    })
  }
  expect(logged('stripe.request')).toEqual([])
  expect(await office.domain.settings.get('live', SECRET_KEY)).toBeNull()
})

test('S3.49 a key of another account is refused, because every stored id would be a stranger', async () => {
  const { connections, settings } = office.domain
  await settings.write(office.database.db, 'live', 'payment.stripe.account', 'acct_first')
  await expect(connections.connect(live, SIMULATOR_LIVE_KEY)).rejects.toMatchObject({
    code: 'stripe_account_changed',
  })
  expect(await settings.get('live', SECRET_KEY)).toBeNull()
})

test('S2.11 a key that is older than 90 days is told where the connection is shown and in the log', async () => {
  const { connections, settings } = office.domain
  const key = 'sk_live_of_somebody'
  const since = (days: number) =>
    settings.write(
      office.database.db,
      'live',
      'payment.stripe.key_seen',
      writeSeenKey({ fingerprint: fingerprintOf(key), since: Date.now() - days * DAY_MS }),
    )
  await settings.write(office.database.db, 'live', SECRET_KEY, key)
  await since(89)
  const view = await until(
    () => connections.view('live'),
    ({ keySince }) => keySince !== null,
  )
  expect(view).toMatchObject({ isKeyOld: false, keyEnding: 'body' })
  await connections.warnOfOldKey('live')
  expect(logged('stripe.key_old')).toEqual([])

  await since(91)
  expect(await connections.view('live')).toMatchObject({ isKeyOld: true })
  await connections.warnOfOldKey('live')
  expect(logged('stripe.key_old')).toMatchObject([{ level: 'warn', mode: 'live', ageDays: 91 }])

  await settings.write(office.database.db, 'live', SECRET_KEY, 'sk_live_rolled')
  expect(
    await until(
      () => connections.view('live'),
      ({ keyEnding }) => keyEnding === 'lled',
    ),
  ).toMatchObject({ isKeyOld: false, keySince: null })
  expect(lines.join()).not.toContain('sk_live_')
  await settings.remove(live, SECRET_KEY)
  await until(
    () => connections.isConnected('live'),
    (isConnected) => !isConnected,
  )
})

test('U38 P24 a customer Stripe never had is made anew by the purchase that meets it', async () => {
  const bob = await office.customer('Bob')
  await isMappedTo(bob, 'cus_of_another_account')

  expect(await subscribe(bob)).toMatchObject({ kind: 'checkout' })

  const anew = await mappedTo(bob)
  expect(anew).toMatch(/^cus_/)
  expect(anew).not.toBe('cus_of_another_account')
  const { data } = await office.domain.findings.list(
    'test',
    { customerId: bob.id, state: 'open' },
    { limit: 5 },
  )
  expect(data).toMatchObject([{ category: 'deleted', subjectId: bob.id }])
})

test('U38 P24 while something is owed, a customer missing in Stripe is not made anew by itself', async () => {
  const cleo = await office.customer('Cleo')
  await cleo.subscribes('pro')
  await office.settle()
  const invoice = await office.stripe.invoices.create({ customer: cleo.stripeCustomerId })
  await office.stripe.invoiceItems.create({
    customer: cleo.stripeCustomerId,
    invoice: invoice.id,
    amount: 500,
    currency: 'usd',
  })
  await office.stripe.invoices.finalizeInvoice(invoice.id)
  await office.settle()
  await isMappedTo(cleo, 'cus_missing')

  await expect(
    office.domain.stripeCustomers.portalUrl('test', cleo.id, 'http://console.test/'),
  ).rejects.toMatchObject({ code: 'stripe_customer_deleted' })
  expect(await mappedTo(cleo)).toBeUndefined()

  await office.domain.connections.unmap(office.caller, 'customer', cleo.id)
  expect(
    await office.domain.stripeCustomers.portalUrl('test', cleo.id, 'http://console.test/'),
  ).toMatch(/^http/)
})

test('U38 a comparison finds a customer Stripe does not have, before anybody needs it', async () => {
  const dan = await office.customer('Dan')
  await isMappedTo(dan, 'cus_gone')
  await office.domain.reconcile.customer(office.caller, dan.id, false)
  expect(await mappedTo(dan)).toBeUndefined()
})

test('a missing price is not mistaken for a missing customer', async () => {
  const eve = await office.customer('Eve')
  const { scope } = await office.domain.connections.stripe('test')
  const prices = await office.domain.connections.mappings(scope, 'rate_card')
  for (const [index, { entityId, metadata }] of prices.entries()) {
    await office.domain.connections.map(office.database.db, scope, {
      entityKind: 'rate_card',
      entityId,
      externalId: `price_missing_${index}`,
      metadata,
    })
  }
  await expect(subscribe(eve, 'scale')).rejects.toMatchObject({
    code: 'stripe_object_missing',
    message: expect.stringContaining('price_missing'),
  })
  expect(await mappedTo(eve)).toBe(eve.stripeCustomerId)
})
