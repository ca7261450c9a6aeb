import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectStrict, formOf, send, visit } from './browser.ts'
import { openAccount } from './dashboard-account.ts'
import {
  createClock,
  createCustomer,
  createPrice,
  type Receiver,
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

test('every screen stands alone: no script, no style but its own, nothing from elsewhere, and a policy that says so', async () => {
  const { open, stripe, control } = await account()
  await stripe.webhookEndpoints.create({ url: hooks.url, enabled_events: ['*'] })
  const customer = await createCustomer(stripe, await createClock(stripe))
  const price = await createPrice(stripe, 2_900)
  await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] })
  const [event] = (await stripe.events.list({ type: 'invoice.paid' })).data
  const [charge] = (await stripe.charges.list({ customer: customer.id })).data
  const [call] = (await control('GET', '/_sim/requests')) as { id: string }[]
  const paths = [
    '',
    '/all',
    '/objects/customer',
    `/objects/customer/${customer.id}`,
    `/objects/charge/${charge!.id}`,
    '/objects/test_helpers.test_clock',
    '/events',
    `/events/${event!.id}`,
    '/requests',
    `/requests/${call!.id}`,
    '/webhooks',
    '/time',
    '/outcomes',
    '/faults',
    '/keys',
    '/settings',
    '/find?q=ada',
  ]

  const pages = await Promise.all(paths.map((path) => open(path)))

  expect(pages.map(({ status }, index) => [paths[index], status])).toEqual(
    paths.map((path) => [path, 200]),
  )
  for (const page of pages) expectStrict(page)
})

test('what a customer is called cannot become part of the page', async () => {
  const { open, stripe } = await account()
  const name = '<script>alert("x")</script>'
  const { id } = await stripe.customers.create({ name, metadata: { note: '"><img src=x>' } })

  const pages = [
    await open('/objects/customer'),
    await open(`/objects/customer/${id}`),
    await open(`/find?q=${encodeURIComponent(name)}`),
  ]

  for (const page of pages) {
    expectStrict(page)
    expect(page.text).toContain(name)
  }
})

test('a form from another site, without its seal or with that of another form does nothing', async () => {
  const { open, stripe, home } = await account()
  await stripe.customers.create({ name: 'Ada' })
  const page = await open('/settings')
  const post = (body: Record<string, string>, headers: Record<string, string> = {}) =>
    visit(`${home}/settings/reset`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(body).toString(),
    })
  const { fields } = formOf(page, '/settings/reset')
  const other = formOf(page, '/settings').fields

  const attempts = [
    await post({ sure: 'on' }),
    await post({ ...other, sure: 'on' }),
    await post({ ...fields, sure: 'on' }, { 'Sec-Fetch-Site': 'cross-site' }),
    await post({ ...fields, sure: 'on' }, { Origin: 'https://evil.example' }),
  ]

  expect(attempts.map(({ status }) => status)).toEqual([403, 403, 403, 403])
  expect((await stripe.customers.list()).data).toHaveLength(1)
})

test('a form sent twice takes effect once', async () => {
  const { open, stripe, home } = await account()
  const { action, fields } = formOf(await open('/time'), '/time/clocks')
  const body = new URLSearchParams({ ...fields, name: 'Once' }).toString()
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }

  await visit(new URL(action, home).href, { method: 'POST', headers, body })
  await visit(new URL(action, home).href, { method: 'POST', headers, body })

  expect((await stripe.testHelpers.testClocks.list()).data).toHaveLength(1)
})

test('after a form one comes back to its page, never to another place', async () => {
  const { open, home } = await account()
  const page = await open('/settings')

  const away = await send(page, '/settings', { back: 'https://evil.example/' })
  const sideways = await send(await open('/settings'), '/settings', { back: '//evil.example' })

  expect(away.url.startsWith(`${home}?notice=`)).toBe(true)
  expect(sideways.url.startsWith(`${home}?notice=`)).toBe(true)
})

test('a name that somebody could register gets neither dashboard nor control API; addresses and local names do', async () => {
  const { home, key } = await account()
  const path = new URL(home).pathname
  const statusFor = (host: string, target: string) => {
    const { hostname, port } = new URL(simulator.url)
    return new Promise<number | undefined>((resolve, reject) => {
      const headers = { Host: host, Authorization: `Bearer ${key}` }
      request({ hostname, port, path: target, headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
  }

  for (const host of ['rebind.evil.com', '127.0.0.1.nip.io:80', 'evil.com:12111']) {
    expect([host, await statusFor(host, path)]).toEqual([host, 403])
    expect([host, await statusFor(host, '/_sim/clock')]).toEqual([host, 403])
  }
  for (const host of [
    'localhost:12111',
    '127.0.0.1',
    '[::1]:12111',
    'stripe:12111',
    'host.docker.internal',
  ]) {
    expect([host, await statusFor(host, path)]).toEqual([host, 200])
    expect([host, await statusFor(host, '/_sim/clock')]).toEqual([host, 200])
  }
})

test('the control API takes nothing from pages of other sites', async () => {
  const { stripe, key } = await account()
  await stripe.customers.create({ name: 'Ada' })

  const answer = await fetch(`${simulator.url}/_sim/reset`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}`, Origin: 'https://evil.example' },
  })

  expect(answer.status).toBe(403)
  expect((await stripe.customers.list()).data).toHaveLength(1)
})
