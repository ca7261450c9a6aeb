import { expect, test } from 'vitest'
import { openPage, readPage, submit } from './pages-support.ts'
import { ALL, CARD, openPortal, target as targetOf, textOf, updates } from './portal-support.ts'
import { advance, createPrice, HOUR, NEW_YEAR, subscribe, useSimulator } from './support.ts'

const simulator = useSimulator()

const target = (response: Response): string => targetOf(response, simulator.url)

test('a pause lasts as long as was chosen, and can be ended before', async () => {
  const { stripe, clock, customer, subscription } = await subscribe(simulator)
  const url = await openPortal(stripe, customer.id, {
    subscription_pause: {
      enabled: true,
      duration: {
        type: 'interval_options',
        interval_options: [{ interval: 'day' }, { interval: 'week', interval_count: 2 }],
      },
    },
  })
  const status = async () => (await stripe.subscriptions.retrieve(subscription.id)).status
  const path = `${url}/subscriptions/${subscription.id}`

  const home = await openPage(
    target(await submit(`${path}/pause`, { length: '1', action: 'pause' })),
  )
  expect(textOf(home)).toContain('It goes on by itself on January 15, 2026.')
  expect(await status()).toBe('paused')
  await advance(stripe, clock, NEW_YEAR + 14 * 24 * HOUR - 1)
  expect(await status()).toBe('paused')
  await advance(stripe, clock, NEW_YEAR + 14 * 24 * HOUR)
  expect(await status()).toBe('active')

  await submit(`${path}/pause`, { length: '0', action: 'pause' })
  await submit(`${path}/resume`, { action: 'confirm' })
  expect(await status()).toBe('active')
})

test.each([
  [
    'customer_update',
    'details',
    {
      name: 'Ada King',
      email: 'ada@example.com',
      country: 'GB',
      addressLine1: '1 St James’s Square',
      addressCity: 'London',
      addressPostalCode: 'SW1Y 4LE',
      action: 'save',
    },
  ],
  ['payment_method_update', 'cards/new', CARD],
  ['subscription_cancel', 'cancel', { action: 'cancel' }],
  ['subscription_pause', 'pause', { action: 'pause' }],
  ['subscription_update_confirm', 'confirm', { action: 'confirm' }],
] as const)(
  'the flow %s leads to its one step, and from there where the merchant wants',
  async (type, step, fields) => {
    const { stripe, customer, subscription, item, price } = await subscribe(simulator)
    const better = await createPrice(stripe, 9_300)
    const url = await openPortal(stripe, customer.id, updates([price, better]), {
      type,
      ...(type === 'customer_update' || type === 'payment_method_update'
        ? {}
        : { [type]: { subscription: subscription.id } }),
      ...(type === 'subscription_update_confirm'
        ? {
            subscription_update_confirm: {
              subscription: subscription.id,
              items: [{ id: item.id, price: better.id }],
            },
          }
        : {}),
      after_completion: { type: 'redirect', redirect: { return_url: 'https://example.com/done' } },
    })

    const start = await openPage(url)
    const end = target(await start.send(fields))

    expect(start.url.endsWith(`/${step}`)).toBe(true)
    expect(end).toBe('https://example.com/done')
    // Done is done: from now on the session is an ordinary one.
    expect((await openPage(url)).url).toBe(url)
  },
)

test('the update flow goes from choosing to confirming, and nowhere else meanwhile', async () => {
  const { stripe, customer, subscription, price } = await subscribe(simulator)
  const better = await createPrice(stripe, 9_300)
  const url = await openPortal(stripe, customer.id, updates([price, better]), {
    type: 'subscription_update',
    subscription_update: { subscription: subscription.id },
    after_completion: {
      type: 'hosted_confirmation',
      hosted_confirmation: { custom_message: 'Enjoy your new plan' },
    },
  })
  const start = `${url}/subscriptions/${subscription.id}/update`
  for (const elsewhere of [url, `${url}/details`, `${url}/cards/new`]) {
    expect((await openPage(elsewhere)).url, elsewhere).toBe(start)
  }

  const done = await submit(`${start}/preview?price=${better.id}`, { action: 'confirm' })

  const confirmation = await openPage(target(done))
  expect(textOf(confirmation)).toContain('Enjoy your new plan')
  expect((await openPage(url)).url).toBe(url)
  const after = await stripe.subscriptions.retrieve(subscription.id)
  expect(after.items.data[0]?.price.id).toBe(better.id)
})

test('a flow of a card the bank asks about is done when the customer comes back', async () => {
  const { stripe, customer } = await subscribe(simulator)
  const url = await openPortal(stripe, customer.id, ALL, {
    type: 'payment_method_update',
    after_completion: { type: 'redirect', redirect: { return_url: `${simulator.url}/nowhere` } },
  })
  const asked = await submit(url, { ...CARD, cardNumber: '4000002500003155' })

  const back = target(await submit(target(asked), { outcome: 'complete' }))
  const end = await fetch(back, { redirect: 'manual' })

  expect(end.headers.get('location')).toBe(`${simulator.url}/nowhere`)
})

test('an offer to stay is a discount, and the subscription goes on', async () => {
  const { stripe, customer, subscription } = await subscribe(simulator)
  const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'once' })
  const url = await openPortal(stripe, customer.id, ALL, {
    type: 'subscription_cancel',
    subscription_cancel: {
      subscription: subscription.id,
      retention: { type: 'coupon_offer', coupon_offer: { coupon: coupon.id } },
    },
  })
  const start = await openPage(url)
  expect(textOf(start)).toContain('Stay for less: 50% off once')

  const home = await openPage(target(await start.send({ action: 'accept-offer' })))

  expect(textOf(home)).toContain('Glad you stay.')
  const after = await stripe.subscriptions.retrieve(subscription.id)
  expect(after).toMatchObject({ cancel_at: null, discounts: [expect.stringMatching(/^di_/)] })
})

test('a portal form sent twice takes effect once', async () => {
  const { stripe, customer } = await subscribe(simulator)
  const page = await openPage(`${await openPortal(stripe, customer.id, ALL)}/cards/new`)

  const answers = await Promise.all([page.send(CARD), page.send(CARD)])

  expect(new Set(answers.map(target)).size).toBe(1)
  expect((await stripe.customers.listPaymentMethods(customer.id)).data).toHaveLength(2)
})

test('every page of the portal is whole without scripts', async () => {
  const { stripe, customer, subscription, price } = await subscribe(simulator)
  const better = await createPrice(stripe, 9_300)
  const url = await openPortal(stripe, customer.id, updates([price, better]))
  const paths = ['', '/cards/new', '/details']
  for (const what of ['cancel', 'pause', 'update', `update/preview?price=${better.id}`]) {
    paths.push(`/subscriptions/${subscription.id}/${what}`)
  }
  for (const path of paths) {
    const { html, status, headers } = await readPage(await fetch(url + path), url + path)
    expect(status, path).toBe(200)
    expect(headers.get('content-security-policy'), path).toContain("default-src 'none'")
    expect(html, path).not.toMatch(/<script|<img|\sstyle=|undefined|\[object/)
    // Each field has a label, each button a name.
    const ids = [
      ...html.matchAll(
        /<(?:input|select|textarea)(?![^>]*type="(?:hidden|radio)")[^>]*\sid="([^"]+)"/g,
      ),
    ]
    for (const [, id] of ids) expect(html, `${path} ${id}`).toContain(`for="${id}"`)
  }
})
