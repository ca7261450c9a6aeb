import { Stripe } from 'stripe'
import { WebSocket } from 'ws'
import { afterAll, afterEach, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { createStripeCli, type RunningCli } from './stripe-cli-client.ts'
import {
  advance,
  clientFor,
  createClock,
  createCustomer,
  createPrice,
  HOUR,
  JANUARY,
  NEW_YEAR,
  type Receiver,
  startReceiver,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()
const cli = createStripeCli(() => simulator.url)
const receivers: Receiver[] = []
const listening: RunningCli[] = []
afterEach(async () => {
  await Promise.all(listening.splice(0).map((running) => running.stop()))
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()))
})
afterAll(() => cli.close())

/** At least one of every noun; the CLI's fixtures speak an older version of the API. */
const TRIGGERS = [
  'billing_portal.session.created',
  'charge.captured',
  'charge.dispute.closed',
  'charge.dispute.created',
  'charge.failed',
  'charge.refunded',
  'checkout.session.completed',
  'checkout.session.expired',
  'coupon.deleted',
  'credit_note.voided',
  'customer.deleted',
  'customer.discount.deleted',
  'customer.source.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.trial_will_end',
  'invoice.marked_uncollectible',
  'invoice.paid',
  'invoice.payment_action_required',
  'invoice.payment_failed',
  'invoice.voided',
  'invoiceitem.deleted',
  'payment_intent.amount_capturable_updated',
  'payment_intent.canceled',
  'payment_intent.payment_failed',
  'payment_intent.requires_action',
  'payment_method.detached',
  'plan.deleted',
  'price.updated',
  'product.deleted',
  'promotion_code.updated',
  'setup_intent.setup_failed',
  'subscription_schedule.released',
  'tax_rate.updated',
  'test_helpers.test_clock.ready',
]
const AT_ONCE = 4

let keys = 0
/** An account with the CLI pointed to it. */
function account() {
  keys += 1
  const key = `sk_test_commandline${keys}`
  const stripe = clientFor(simulator.url, key)
  return {
    key,
    stripe,
    run: (...parameters: string[]) => cli.run(...parameters, '--api-key', key),
    control: (method: 'GET' | 'POST', path: string, body?: unknown) =>
      simulator.control(method, path, body, key),
    async listen(...flags: string[]) {
      const running = cli.start('listen', '--skip-update', '--api-key', key, ...flags)
      listening.push(running)
      await saysReady(running)
      const secret = /signing secret is (whsec_\w+)/.exec(running.out)?.[1] ?? ''
      return { running, secret }
    },
  }
}

async function saysReady(running: RunningCli): Promise<void> {
  await until(
    () => Promise.resolve(running.out),
    (out) => out.includes('Ready!'),
  )
}

async function receiver(): Promise<Receiver> {
  const made = await startReceiver()
  receivers.push(made)
  return made
}

interface Delivery {
  readonly type: string
  readonly url: string
  readonly state: string
  readonly attempts: readonly { readonly status: number | null; readonly error: string | null }[]
}

test('stripe listen forwards events as they were signed, and their answers come back', async () => {
  const { stripe, listen, control } = account()
  const hooks = await receiver()
  hooks.answers.push(204, 500)
  const { secret, running } = await listen('--forward-to', hooks.url)

  const customer = await stripe.customers.create({ name: 'Ada' })
  await expect.poll(() => hooks.received.length).toBe(1)
  await stripe.customers.update(customer.id, { name: 'Grace' })
  await expect.poll(() => hooks.received.length).toBe(2)

  const events = hooks.received.map(({ body, signature }) =>
    Stripe.webhooks.constructEvent(body, signature, secret),
  )
  expect(events.map(({ type }) => type)).toEqual(['customer.created', 'customer.updated'])
  expect(events[0]?.api_version).toBe('2026-10-28.endive')
  const { data } = await until(
    () => control('GET', '/_sim/deliveries') as Promise<{ data: Delivery[] }>,
    (seen) => seen.data.every(({ attempts }) => typeof attempts.at(-1)?.status === 'number'),
  )
  expect(data.map(({ type, state, attempts }) => [type, state, attempts.at(-1)?.status])).toEqual([
    ['customer.updated', 'failed', 500],
    ['customer.created', 'delivered', 204],
  ])
  expect(data[0]?.url).toBe(hooks.url)
  await expect.poll(() => running.out).toContain('[500] POST')
})

test('the secret of a device stays the same, so that it can stay in a configuration', async () => {
  const { run, key } = account()
  const secretOf = async (device: string, ...more: string[]) => {
    const { code, out } = await run('listen', '--print-secret', '--device-name', device, ...more)
    expect(code).toBe(0)
    return out.trim()
  }
  const first = await secretOf('desk')
  await simulator.control('POST', '/_sim/reset', {}, key)

  expect(first).toMatch(/^whsec_[0-9a-f]{64}$/)
  expect(await secretOf('desk')).toBe(first)
  expect(await secretOf('laptop')).not.toBe(first)
})

test('the CLI hears its own account only, filters by type, and with --latest gets the latest form once', async () => {
  const { stripe, listen } = account()
  const stranger = account()
  const hooks = await receiver()
  await listen('--forward-to', hooks.url, '--events', 'product.created', '--latest')

  await stranger.stripe.products.create({ name: 'Not mine' })
  await stripe.customers.create({ name: 'Ada' })
  const { id } = await stripe.products.create({ name: 'Mine' })
  await expect.poll(() => hooks.received.length).toBe(1)

  const event = JSON.parse(hooks.received[0]?.body ?? '') as Stripe.Event
  expect([event.type, (event.data.object as Stripe.Product).id]).toEqual(['product.created', id])
})

test('what goes wrong with webhooks on purpose goes wrong on the way to the CLI as well', async () => {
  const { stripe, listen, control } = account()
  const hooks = await receiver()
  const { secret } = await listen('--forward-to', hooks.url)
  await control('POST', '/_sim/faults/webhooks', { next: 1, drop: true })
  await control('POST', '/_sim/faults/webhooks', { next: 1, copies: 2, wrong_secret: true })
  await control('POST', '/_sim/webhooks/hold')

  await stripe.products.create({ name: 'Dropped' })
  await stripe.products.create({ name: 'Doubled' })
  expect(hooks.received).toEqual([])
  await control('POST', '/_sim/flush')
  await expect.poll(() => hooks.received.length).toBe(2)

  const names = hooks.received.map(
    ({ body }) => ((JSON.parse(body) as Stripe.Event).data.object as Stripe.Product).name,
  )
  expect(names).toEqual(['Doubled', 'Doubled'])
  const { body = '', signature = '' } = hooks.received[0] ?? {}
  expect(() => Stripe.webhooks.constructEvent(body, signature, secret)).toThrow(/signature/)
})

test('a CLI that only prints acknowledges; after it is gone nothing waits for it', async () => {
  const { stripe, listen, control } = account()
  const { running } = await listen()
  await stripe.products.create({ name: 'Printed' })
  await expect.poll(() => running.out).toContain('product.created')
  await running.stop()
  await until(
    () => simulator.control('GET', '/_sim/listeners') as Promise<readonly unknown[]>,
    (seen) => seen.length === 0,
  )
  await stripe.products.create({ name: 'Unheard' })

  const { data, pending } = (await control('GET', '/_sim/deliveries')) as {
    data: Delivery[]
    pending: number
  }
  expect(data.map(({ state, attempts }) => [state, attempts[0]?.error])).toEqual([
    ['delivered', null],
  ])
  expect(pending).toBe(0)
})

test('an invoice does not wait for a CLI whose handler fails, as it would for an endpoint', async () => {
  const { stripe, listen, control } = account()
  const hooks = await receiver()
  hooks.answers.push(...Array.from({ length: 100 }, () => 500))
  await listen('--forward-to', hooks.url, '--events', 'invoice.created')
  const clock = await createClock(stripe)
  const customer = await createCustomer(stripe, clock)
  const price = await createPrice(stripe, 2_900)
  await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] })
  await advance(stripe, clock, NEW_YEAR + JANUARY + HOUR / 2)
  await until(
    () => control('GET', '/_sim/deliveries') as Promise<{ data: Delivery[] }>,
    ({ data }) =>
      data.filter(({ type, state }) => type === 'invoice.created' && state === 'failed').length ===
      2,
  )

  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)

  const { data } = await stripe.invoices.list({ customer: customer.id })
  expect(data.map(({ status }) => status)).toEqual(['paid', 'paid'])
})

test('thin events reach a CLI that asks for them', async () => {
  const { stripe, listen } = account()
  const hooks = await receiver()
  const { secret } = await listen(
    '--thin-events',
    'v1.billing.meter.no_meter_found',
    '--forward-thin-to',
    hooks.url,
  )
  const { authentication_token: token } = await stripe.v2.billing.meterEventSession.create()
  await clientFor(simulator.url, token).v2.billing.meterEventStream.create({
    events: [{ event_name: 'unknown', payload: { stripe_customer_id: 'cus_1', value: '1' } }],
  })
  await expect.poll(() => hooks.received.length).toBe(1)

  const { body = '', signature = '' } = hooks.received[0] ?? {}
  const notification = stripe.parseEventNotification(body, signature, secret)
  expect(notification.type).toBe('v1.billing.meter.no_meter_found')
})

test('stripe events resend sends an event again to the CLI, or to an endpoint it names', async () => {
  const { stripe, listen, run } = account()
  const hooks = await receiver()
  await stripe.products.create({ name: 'Before' })
  const [event] = (await stripe.events.list()).data
  const unheard = await run('events', 'resend', event!.id)
  expect(unheard.out).toContain('No CLI listens to this account')
  await listen('--forward-to', hooks.url)

  const resent = await run('events', 'resend', event!.id)
  await expect.poll(() => hooks.received.length).toBe(1)
  const { id: endpoint } = await stripe.webhookEndpoints.create({
    url: hooks.url,
    enabled_events: ['customer.created'],
  })
  await run('events', 'resend', event!.id, '--webhook-endpoint', endpoint)
  await expect.poll(() => hooks.received.length).toBe(2)

  expect(resent.code).toBe(0)
  expect((JSON.parse(resent.out) as Stripe.Event).id).toBe(event!.id)
  expect(hooks.received.map(({ body }) => (JSON.parse(body) as Stripe.Event).id)).toEqual([
    event!.id,
    event!.id,
  ])
})

test('stripe logs tail prints calls with their outcome', async () => {
  const { stripe, key } = account()
  const running = cli.start('logs', 'tail', '--api-key', key)
  listening.push(running)
  await saysReady(running)

  await stripe.products.create({ name: 'Logged' })
  await stripe.customers.retrieve('cus_missing').catch(() => undefined)

  await expect.poll(() => running.out).toMatch(/\[200\] POST \/v1\/products \[req_\w+\]/)
  await expect.poll(() => running.out).toMatch(/\[404\] GET \/v1\/customers\/cus_missing/)
})

test('stripe get, post and delete work on objects by path and by id', async () => {
  const { run, stripe } = account()
  const made = await run('post', '/v1/customers', '-d', 'name=Ada', '-d', 'metadata[plan]=pro')
  const { id } = JSON.parse(made.out) as Stripe.Customer

  const found = await run('get', id)
  const listed = await run('get', '/v1/customers', '--limit', '1')
  const removed = await run('delete', `/v1/customers/${id}`, '--confirm')

  expect(JSON.parse(found.out)).toMatchObject({ id, name: 'Ada', metadata: { plan: 'pro' } })
  expect((JSON.parse(listed.out) as { data: { id: string }[] }).data.map((one) => one.id)).toEqual([
    id,
  ])
  expect(JSON.parse(removed.out)).toMatchObject({ id, deleted: true })
  expect(await stripe.customers.retrieve(id)).toMatchObject({ deleted: true })
})

test('stripe trigger makes the events it is asked for, and their objects', async () => {
  const results: unknown[] = []
  for (let first = 0; first < TRIGGERS.length; first += AT_ONCE) {
    const batch = TRIGGERS.slice(first, first + AT_ONCE).map(async (trigger) => {
      const { run, stripe } = account()
      const { code, out } = await run('trigger', trigger)
      const { data } = await stripe.events.list({ type: trigger })
      return { trigger, code, isMade: data.length > 0, out: code === 0 ? '' : out }
    })
    results.push(...(await Promise.all(batch)))
  }

  expect(results).toEqual(TRIGGERS.map((trigger) => ({ trigger, code: 0, isMade: true, out: '' })))
})

test('the websocket is for CLIs that were given an id; everybody else is refused', async () => {
  const address = simulator.url.replace('http', 'ws')
  const refusalOf = (path: string, id: string) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(`${address}${path}`, 'stripecli-devproxy-v1', {
        headers: { 'Websocket-Id': id },
      })
      socket.on('error', (error) => resolve(error.message))
      socket.on('open', () => resolve('open'))
    })

  expect(await refusalOf('/stripecli/subscribe', 'cliws_guessed')).toContain('401')
  expect(await refusalOf('/v1/customers', 'cliws_guessed')).toContain('404')
})
