import type { Stripe } from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { follow, type Page, send, visit } from './browser.ts'
import { openAccount } from './dashboard-account.ts'
import {
  createClock,
  createCustomer,
  createPrice,
  type Receiver,
  refusal,
  startReceiver,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()
const account = (mode?: 'test' | 'live') => openAccount(simulator, mode)
let hooks: Receiver
beforeAll(async () => {
  hooks = await startReceiver()
})
afterAll(() => hooks.close())

test('the front page lists accounts by mode, and opens the account of a key', async () => {
  const { id, home } = await account()
  const only = await visit(`${simulator.url}/`)
  await account('live')
  const front = await visit(`${simulator.url}/`)

  const opened = await send(front, '/accounts', { key: 'sk_live_opened_here' })
  const refused = await send(await visit(`${simulator.url}/accounts`), '/accounts', {
    key: 'rk_test_unknown',
  })

  expect(only.url).toBe(home)
  expect(front.text).toContain(id)
  expect(opened.url).toMatch(/\/acct_\w+\/live$/)
  expect(opened.text).toContain('Overview')
  expect(refused.text).toContain('Invalid API Key provided: rk_test_')
})

test('objects are listed by kind, newest first, and pages neither repeat nor skip one', async () => {
  const { open, stripe } = await account()
  for (let index = 0; index < 60; index++)
    await stripe.products.create({ name: `Product ${index}` })
  const seen: string[] = []
  const names = (page: Page) =>
    [...page.text.matchAll(/Product (\d+)/g)].map(([, number]) => number!)

  const first = await open('/objects/product')
  seen.push(...names(first))
  await stripe.products.create({ name: 'Product 60' })
  const second = await follow(first, 'Older →')
  seen.push(...names(second))
  const third = await follow(second, 'Older →')
  seen.push(...names(third))

  expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => String(59 - index)))
  expect(third.text).not.toContain('Older →')
  expect(names(await follow(third, '← Newer'))).toEqual(names(second))
  expect(names(await follow(await follow(second, '← Newer'), '← Newer'))).toEqual(['60'])
})

test('an object leads to everything it names and everything that names it', async () => {
  const { open, stripe } = await account()
  const customer = await createCustomer(stripe, await createClock(stripe))
  const price = await createPrice(stripe, 2_900)
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
  })
  const invoice = subscription.latest_invoice as string

  const page = await open(`/objects/customer/${customer.id}`)
  const bySubscription = await visit(
    page.html
      .match(new RegExp(`href="([^"]*${subscription.id})"`))![1]!
      .replace(/^/, simulator.url),
  )

  expect(page.text).toContain('Customer Ada')
  for (const id of [subscription.id, invoice, customer.test_clock as string]) {
    expect(page.html).toContain(`/${id}"`)
  }
  expect(bySubscription.html).toContain(`/objects/price/${price.id}"`)
  expect(bySubscription.html).toContain(`/objects/invoice/${invoice}"`)
  expect(bySubscription.text).toContain('customer.subscription.created')
})

test('an id is found at once, words in names and emails', async () => {
  const { open, stripe } = await account()
  const { id } = await stripe.customers.create({
    name: 'Grace Hopper',
    email: 'grace@navy.example',
  })

  expect((await open(`/find?q=${id}`)).url).toMatch(new RegExp(`/objects/customer/${id}$`))
  expect((await open('/find?q=hopper')).html).toContain(`/objects/customer/${id}"`)
  expect((await open('/find?q=GRACE@')).html).toContain(`/objects/customer/${id}"`)
  expect((await open('/find?q=nobody')).text).toContain('Nothing of this account has this id')
})

test('an event shows its payload and each attempt to deliver it, and is sent again on demand', async () => {
  const { open, stripe } = await account()
  await stripe.webhookEndpoints.create({ url: hooks.url, enabled_events: ['product.created'] })
  hooks.answers.push(500)
  const { id } = await stripe.products.create({ name: 'Pro' })
  const [event] = (await stripe.events.list({ type: 'product.created' })).data
  const page = await until(
    () => open(`/events/${event!.id}`),
    ({ text }) => text.includes('500'),
  )

  const after = await send(page, '/resend')

  expect(page.text).toContain('"type": "product.created"')
  expect(page.html).toContain(`/objects/product/${id}"`)
  expect(page.text).toMatch(/retrying again at/)
  expect(after.text).toContain('The event was sent once more')
  expect(after.text).toContain('delivered')
  const ids = hooks.received.map(({ body }) => (JSON.parse(body) as Stripe.Event).id)
  expect(ids.filter((sent) => sent === event!.id)).toHaveLength(2)
})

test('events are narrowed down by the beginning of their type', async () => {
  const { open, stripe } = await account()
  await stripe.products.create({ name: 'Pro' })
  await stripe.customers.create({ name: 'Ada' })

  const page = await open('/events?type=product.')

  expect(page.html).toContain('>product.created</a>')
  expect(page.html).not.toContain('>customer.created</a>')
})

test('a call is logged with parameters, answer and the events it caused; errors of the API lead to it', async () => {
  const { open, stripe } = await account()
  const made = await stripe.customers.create({ name: 'Ada', metadata: { plan: 'pro' } })
  const { headers } = await refusal(stripe.customers.retrieve('cus_missing'))

  const list = await open('/requests?only=failed')
  const page = await open(`/requests/${made.lastResponse.requestId}`)
  const failed = await visit(`${simulator.url}/requests/${String(headers?.['request-id'])}`)

  expect(list.text).toContain('GET /v1/customers/cus_missing')
  expect(list.text).not.toContain('POST /v1/customers')
  expect(page.text).toContain('"plan": "pro"')
  expect(page.text).toContain('customer.created')
  expect(failed.text).toContain("No such customer: 'cus_missing'")
})

test('test and live are two dashboards, and live mode has no test clocks', async () => {
  const { stripe, home, open } = await account('live')
  const { id } = await stripe.customers.create({ name: 'Real' })

  expect((await open('/objects/customer')).html).toContain(id)
  expect((await open('/time')).text).toContain('Live mode has no test clocks')
  const inTest = await visit(`${home.replace('/live', '/test')}/objects/customer/${id}`)
  expect(inTest.status).toBe(404)
})

test('what is not there is said so, with the way back', async () => {
  const { open, home } = await account()

  const missing = await open('/objects/customer/cus_missing')
  const unknown = await open('/nowhere')
  const nobody = await visit(home.replace(/acct_\w+/, 'acct_nobody'))

  expect([missing.status, unknown.status, nobody.status]).toEqual([404, 404, 404])
  expect((await follow(missing, 'To the overview')).url).toBe(home)
})
