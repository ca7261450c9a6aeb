import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { fee, monthly } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  const own = { engine: 'stripe_invoice', checkoutMode: 'setup' } as const
  await world.sells('rented', monthly('Rented', [fee('20.00')], own))
})
afterAll(() => world.close())

const methods = async (actor: Actor) =>
  (await actor.portal.get('/api/v1/portal/payment-methods')).data

/** Saves a card on Stripe's page, as the button in the portal leads to. */
async function adds(actor: Actor, card: string): Promise<void> {
  const { url } = await actor.portal.post('/api/v1/portal/payment-methods')
  const session = /cs_test_\w+/.exec(url)?.[0] ?? ''
  const answer = await fetch(`${world.running.simulatorUrl}/v1/payment_pages/${session}/confirm`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer sk_test_farebox',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ payment_method: card }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

test('S4.13 a card saved because there was none is charged at the next renewal', async () => {
  const ada = await world.customer('Ada')
  const purchase = await ada.choosesPlan('rented')
  await purchase.pays()
  await purchase.settles()
  const [only] = await until(
    () => methods(ada),
    (list) => list.length === 1,
  )
  const emptied = await ada.portal.delete('/api/v1/portal/payment-methods/{methodId}', {
    params: { methodId: only?.id ?? '' },
  })

  await adds(ada, 'pm_card_mastercard')
  await until(
    () => methods(ada),
    ([method]) => method?.isDefault === true,
  )
  await world.advance('P1M')

  expect(emptied.data).toEqual([])
  const invoices = await until(
    () => ada.invoices(),
    (list) => list.length === 2 && list.every((invoice) => invoice.includes(' paid')),
  )
  expect(invoices).toEqual(['2000 usd paid: Fee 2000', '2000 usd paid: Fee 2000'])
})

test('somebody else’s payment method is as unknown as one that never was', async () => {
  const [ada, eve] = [await world.customer('Ann'), await world.customer('Eve')]
  await ada.subscribes('pro')
  const [method] = await until(
    () => methods(ada),
    (list) => list.length === 1,
  )
  const params = { methodId: method?.id ?? '' }
  const refused = ({ problem }: { problem: { code: string } }) => problem.code

  expect(
    await eve.portal.delete('/api/v1/portal/payment-methods/{methodId}', { params }).catch(refused),
  ).toBe('not_found')
  expect(
    await eve.portal
      .post('/api/v1/portal/payment-methods/{methodId}/default', { params })
      .catch(refused),
  ).toBe('not_found')
  expect(await methods(ada)).toHaveLength(1)
})
