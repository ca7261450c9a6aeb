import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { refusalOf } from '../support/coupons.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'
import { submit } from '../simulator/pages-support.ts'

const DAY_MS = 86_400_000
const ENGINES = ['stripe_subscription', 'stripe_invoice'] as const

let world: World
beforeAll(async () => {
  world = await openWorld()
  for (const engine of ENGINES) {
    await world.sells(
      `sent_${engine}`,
      monthly('Sent', [fee('100.00'), priced('requests', { type: 'unit', amount: '0.25' })], {
        engine,
        collection: 'send_invoice',
        daysUntilDue: 14,
        isPaymentMethodRequired: false,
        maxPaymentOverdueDays: '5',
      }),
    )
  }
})
afterAll(() => world.close())

const all = async ({ portal }: Actor) =>
  (await portal.get('/api/v1/portal/invoices')).data.toReversed()

async function newest(actor: Actor) {
  const invoice = (await all(actor)).at(-1)
  if (invoice === undefined) throw new Error('There is no invoice')
  return invoice
}

type Shown = Awaited<ReturnType<typeof newest>>

/** Fills in Stripe's page of the invoice with a card. */
async function paysOnPage({ hostedUrl }: Shown): Promise<void> {
  const answer = await submit(hostedUrl ?? '', {
    action: 'pay',
    cardNumber: '4242424242424242',
    cardExpiry: '12 / 34',
    cardCvc: '123',
    billingName: 'Ada',
  })
  if (answer.status >= 400) throw new Error(await answer.text())
}

const daysOf = ({ dueAt, issuedAt }: Shown) =>
  Math.round((Date.parse(dueAt ?? '') - Date.parse(issuedAt ?? '')) / DAY_MS)

test.each(ENGINES)(
  '%s: who buys by invoice has access at once, sees by when to pay and pays on the page of Stripe',
  async (engine) => {
    const ada = await world.customer(`Ada_${engine}`)
    await ada.subscribes(`sent_${engine}`)

    const first = await newest(ada)
    expect(first).toMatchObject({
      state: 'open',
      kind: 'first',
      isOffline: false,
      collection: 'send_invoice',
      amountDue: { amountMinor: 10_000, currency: 'usd' },
    })
    expect(daysOf(first)).toBe(14)
    expect((await ada.overview()).subscription).toMatchObject({
      engine,
      lifecycle: 'active',
      paymentStatus: 'pending',
    })
    expect((await ada.calls()).status).toBe(200)

    await paysOnPage(first)

    const paid = await until(
      () => newest(ada),
      ({ state }) => state === 'paid',
    )
    expect(paid).toMatchObject({ id: first.id, amountPaid: { amountMinor: 10_000 } })
    expect((await ada.overview()).subscription).toMatchObject({ paymentStatus: 'paid' })
  },
)

test('what Stripe sends invoices for is not paused there, because it could not be resumed', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('sent_stripe_subscription')
  const { subscription } = await eve.overview()
  const subscriptionId = subscription?.id ?? ''

  const pause = world.operator.post('/api/v1/subscriptions/{subscriptionId}/pause', {
    params: { subscriptionId },
    body: {},
  })

  expect(await refusalOf(pause)).toBe('sent_invoices_not_pausable')
  expect((await eve.overview()).subscription).toMatchObject({ lifecycle: 'active' })
})
