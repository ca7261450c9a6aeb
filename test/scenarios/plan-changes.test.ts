import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ResponseOf } from '../../src/client/client.ts'
import type { Actor } from '../support/actor.ts'
import { fee, monthly, priced, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.sells(
    'metered',
    monthly('Metered', [fee('10.00'), priced('requests', { type: 'unit', amount: '0.50' })]),
  )
  await world.sells('small', monthly('Small', [fee('29.00'), quota('requests', '5')]))
  await world.sells('large', monthly('Large', [fee('99.00'), quota('requests', '50')]))
})
afterAll(() => world.close())

type Preview = ResponseOf<'post', '/api/v1/portal/subscription/change/preview'>

const preview = (actor: Actor, planKey: string) =>
  actor.portal.post('/api/v1/portal/subscription/change/preview', { body: { planKey } })
const confirm = (actor: Actor, { quoteId }: Pick<Preview, 'quoteId'>) =>
  actor.portal.post('/api/v1/portal/subscription/change', { body: { quoteId } })

const today = async (actor: Actor) => (await actor.overview()).subscription
const totals = async (actor: Actor) => {
  const { data } = await actor.portal.get('/api/v1/portal/invoices')
  return data.toReversed().map(({ kind, state, total }) => `${kind} ${state} ${total.amountMinor}`)
}

test('S3 an upgrade at half time costs what its preview says, to the cent, and counts at once', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('small')
  await ada.callsTimes(4)
  await world.advance('P15D')

  const quote = await preview(ada, 'large')
  expect(quote).toMatchObject({
    direction: 'upgrade',
    timing: 'immediate',
    way: 'in_place',
    payment: { kind: 'before_change' },
  })
  expect(quote.quotas).toMatchObject([
    { limitBefore: '5', limitAfter: '50', usedAfter: '4', remainingAfter: '46' },
  ])
  const result = await confirm(ada, quote)
  expect(result).toMatchObject({
    kind: 'applied',
    subscription: { planKey: 'large', change: null },
  })

  const { data } = await ada.portal.get('/api/v1/portal/invoices')
  const [invoice] = data
  expect(invoice).toMatchObject({
    kind: 'change',
    state: 'paid',
    total: quote.invoice?.total,
    amountDue: quote.invoice?.amountDue,
  })
  // The key is the same, what was used counts against the new quota, the period's end has not moved.
  await ada.callsTimes(3)
  expect((await ada.overview()).quotas[0]).toMatchObject({ limit: '50' })
  expect((await today(ada))?.currentPeriod?.endsAt).toBe(quote.period.endsAt)
})

test('the lines of a change are explained, and confirming twice changes once', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('small')
  await world.advance('P10D')
  const quote = await preview(bob, 'large')
  await confirm(bob, quote)
  expect(await confirm(bob, quote)).toMatchObject({ kind: 'applied' })
  expect((await totals(bob)).length).toBe(2)
  const sentences = await bob.explains()
  expect(sentences.at(-1)).toMatch(/fee \| The fee is \$99.00\. \| .*of/)
})

test('a downgrade waits for the period’s end, is shown, and can be taken back', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('large')
  await world.advance('P10D')
  const quote = await preview(eve, 'small')
  expect(quote).toMatchObject({ direction: 'downgrade', timing: 'at_period_end', invoice: null })
  expect(await confirm(eve, quote)).toMatchObject({
    kind: 'scheduled',
    subscription: {
      planKey: 'large',
      change: { state: 'scheduled', planKey: 'small', effectiveAt: quote.effectiveAt },
    },
  })
  const undone = await eve.portal.post('/api/v1/portal/subscription/change/undo')
  expect(undone.change).toBeNull()

  await confirm(eve, await preview(eve, 'small'))
  await world.advance('P1M')
  expect(await today(eve)).toMatchObject({ planKey: 'small', change: null })
  expect(await totals(eve)).toEqual(['first paid 9900', 'period paid 2900'])
  expect((await eve.overview()).quotas[0]).toMatchObject({ limit: '5' })
  await world.advance('P1M')
  expect((await totals(eve)).at(-1)).toBe('period paid 2900')
})

test('S3.12 a downgrade that is forced now gives a credit, which the next invoice uses', async () => {
  const kim = await world.customer('Kim')
  await kim.subscribes('large')
  await world.advance('P15D')
  const subscriptionId = (await today(kim))?.id ?? ''
  const quote = await world.operator.post('/api/v1/subscriptions/{subscriptionId}/change/preview', {
    params: { subscriptionId },
    body: { planKey: 'small', timing: 'immediate' },
  })
  expect(quote.payment.kind).toBe('credit')
  expect(quote.nextInvoice?.amountDue.amountMinor).toBe(
    Math.max(0, 2900 - quote.payment.amount.amountMinor),
  )
  const result = await world.operator.post('/api/v1/subscriptions/{subscriptionId}/change', {
    params: { subscriptionId },
    body: { quoteId: quote.quoteId },
  })
  expect(result).toMatchObject({ kind: 'applied', subscription: { planKey: 'small' } })
  await world.advance('P1M')
  const { data } = await kim.portal.get('/api/v1/portal/invoices')
  expect(data[0]).toMatchObject({
    kind: 'period',
    state: 'paid',
    amountDue: quote.nextInvoice?.amountDue,
  })
})

test('a change that is not paid gives no higher quota; paid within a day it takes effect', async () => {
  const lou = await world.customer('Lou')
  await lou.subscribes('small')
  await world.advance('P10D')
  await declineNext(world)
  const result = await confirm(lou, await preview(lou, 'large'))
  expect(result.kind).toBe('awaiting_payment')
  expect(await today(lou)).toMatchObject({
    planKey: 'small',
    lifecycle: 'active',
    change: { state: 'awaiting_payment', planKey: 'large' },
  })
  expect((await lou.overview()).quotas[0]).toMatchObject({ limit: '5' })

  await payOpenInvoices(world)
  await until(
    () => today(lou),
    (subscription) => subscription?.planKey === 'large',
  )
  expect((await lou.overview()).quotas[0]).toMatchObject({ limit: '50' })
  const explained = await until(
    () => lou.explains(),
    (lines) => lines.every((line) => !line.startsWith('- ')),
  )
  expect(explained.length).toBeGreaterThan(2)
})

test('a change nobody pays for in a day is forgotten, and its invoice with it', async () => {
  const max = await world.customer('Max')
  await max.subscribes('small')
  await world.advance('P10D')
  await declineNext(world)
  await confirm(max, await preview(max, 'large'))
  await world.advance('P2D')
  expect(await today(max)).toMatchObject({ planKey: 'small', change: null, paymentStatus: 'paid' })
  expect((await totals(max)).at(-1)).toMatch(/^change void/)
})

test('usage before a change is billed at the old price and usage after it at the new one, once', async () => {
  const pia = await world.customer('Pia')
  await pia.subscribes('metered')
  await pia.callsTimes(3)
  await world.advance('P10D')
  const quote = await preview(pia, 'large')
  await confirm(pia, quote)
  await pia.callsTimes(2)
  await world.advance('P1M')
  const invoices = await pia.invoices()
  expect(invoices[1]).toMatch(new RegExp(`^${quote.invoice?.total.amountMinor} usd paid`))
  expect(invoices[2]).toMatch(/^10050 usd paid: .*requests: 3.* 150/)
  await world.advance('P1M')
  expect((await pia.invoices()).at(-1)).toMatch(/^9900 usd paid/)
})

test('from a plan without charges one goes to the payment page, and keeps the key', async () => {
  const ron = await world.customer('Ron')
  await ron.subscribes('free')
  const { key } = ron
  const quote = await preview(ron, 'large')
  expect(quote).toMatchObject({ way: 'checkout', invoice: { amountDue: { amountMinor: 9900 } } })
  expect(await confirm(ron, quote)).toMatchObject({ kind: 'checkout' })
  const purchase = await ron.choosesPlan('large')
  await purchase.pays()
  await purchase.settles()
  expect(ron.key).toBe(key)
  expect((await ron.calls()).status).toBe(200)
  const paid = await until(
    () => totals(ron),
    ([first]) => first?.includes('paid') === true,
  )
  expect(paid).toEqual(['first paid 9900'])

  // And back: the paid plan runs to its end, the free one follows, with the same key.
  await confirm(ron, await preview(ron, 'free'))
  expect((await today(ron))?.change).toMatchObject({ state: 'scheduled', planKey: 'free' })
  await world.advance('P1M')
  expect(await today(ron)).toMatchObject({ planKey: 'free', lifecycle: 'active' })
  expect((await ron.calls()).status).toBe(200)
  expect(await totals(ron)).toEqual(['first paid 9900'])
})

test('a quote is for what it was made of: fifteen minutes, and nothing else in between', async () => {
  const sue = await world.customer('Sue')
  await sue.subscribes('small')
  await world.advance('P5D')
  const first = await preview(sue, 'large')
  const second = await preview(sue, 'large')
  await confirm(sue, second)
  await expect(confirm(sue, first)).rejects.toMatchObject({ code: 'already_subscribed' })
  const back = await preview(sue, 'small')
  await world.advance('PT1H')
  await expect(confirm(sue, back)).rejects.toMatchObject({ code: 'quote_expired' })
})

/** The next charge of anybody is declined. */
async function declineNext({ running }: World): Promise<void> {
  const response = await fetch(`${running.simulatorUrl}/_sim/declines`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk_test_farebox' },
    body: JSON.stringify({ code: 'insufficient_funds' }),
  })
  if (!response.ok) throw new Error(await response.text())
}

/** As the hosted page does when the customer tries again. */
async function payOpenInvoices({ running }: World): Promise<void> {
  const headers = { authorization: 'Bearer sk_test_farebox' }
  const listed = await fetch(`${running.simulatorUrl}/v1/invoices?status=open`, { headers })
  const { data } = (await listed.json()) as { data: { id: string }[] }
  for (const { id } of data) {
    const paid = await fetch(`${running.simulatorUrl}/v1/invoices/${id}/pay`, {
      method: 'POST',
      headers,
    })
    if (!paid.ok) throw new Error(await paid.text())
  }
}
