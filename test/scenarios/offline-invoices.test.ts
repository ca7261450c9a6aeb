import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { farebox } from '../support/cli.ts'
import { offersCoupon, refusalOf } from '../support/coupons.ts'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.sells(
    'invoiced',
    monthly('Invoiced', [fee('100.00'), priced('requests', { type: 'unit', amount: '0.25' })], {
      engine: 'offline',
      isPaymentMethodRequired: false,
      maxPaymentOverdueDays: '5',
    }),
  )
  await sets('invoices.due_days', '14')
  await sets('invoices.payment_instructions', 'IBAN DE02 1203 0000 0000 2020 51')
})
afterAll(() => world.close())

async function sets(key: string, value: string): Promise<void> {
  await world.operator.put('/api/v1/settings/{settingKey}', {
    params: { settingKey: key },
    body: { value },
  })
}

const all = async ({ portal }: Actor) =>
  (await portal.get('/api/v1/portal/invoices')).data.toReversed()

async function newest(actor: Actor) {
  const invoice = (await all(actor)).at(-1)
  if (invoice === undefined) throw new Error('There is no invoice')
  return invoice
}

const markPaid = (invoiceId: string, body: Record<string, unknown>) =>
  world.operator.post('/api/v1/invoices/{invoiceId}/mark-paid', { params: { invoiceId }, body })

const mailsTo = async (actor: Actor): Promise<string[]> => {
  const rows = await world.running.domain.notifications.list('test', actor.customerId, {
    limit: 50,
  })
  return rows.data.filter(({ state }) => state === 'sent').map(({ template }) => template)
}

/** What the gateway says once the news is there. */
const answers = (actor: Actor, status: number) =>
  until(
    () => actor.calls(),
    (answer) => answer.status === status,
  )

test('S4 an offline plan starts at once with an invoice of ours, and Stripe hears nothing of it', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('invoiced')

  const first = await newest(ada)
  const days = (Date.parse(first.dueAt ?? '') - Date.parse(first.issuedAt ?? '')) / 86_400_000
  expect(first).toMatchObject({
    state: 'open',
    isOffline: true,
    hostedUrl: null,
    amountDue: { amountMinor: 10_000, currency: 'usd' },
  })
  expect(first.number).toMatch(/^TEST-\d{6}$/)
  expect(days).toBe(14)
  expect((await ada.overview()).subscription).toMatchObject({
    engine: 'offline',
    lifecycle: 'active',
    paymentStatus: 'pending',
  })
  expect((await ada.calls()).status).toBe(200)
  await until(
    () => mailsTo(ada),
    (mails) => mails.includes('invoice_issued'),
  )
  const stripe = await fetch(`${world.running.simulatorUrl}/v1/invoices`, {
    headers: { authorization: 'Bearer sk_test_farebox' },
  })
  expect(await stripe.json()).toMatchObject({ data: [] })
})

test('S4 usage is invoiced with its period by the rater that rates it elsewhere, and foretold to the cent', async () => {
  const bob = await world.customer('Bob')
  await bob.subscribes('invoiced')
  await bob.callsTimes(4)
  const before = await newest(bob)
  await markPaid(before.id, { reference: 'first' })
  const { subscription } = await bob.overview()
  const foretold = await until(
    () => bob.portal.get('/api/v1/portal/next-invoice'),
    ({ invoice }) => invoice?.total.amountMinor === 10_100,
  )

  await world.advance(subscription?.currentPeriod?.endsAt ?? '')
  const second = await until(
    () => newest(bob),
    ({ id }) => id !== before.id,
  )

  expect(foretold.invoice?.total).toEqual({ amountMinor: 10_100, currency: 'usd' })
  expect(second.total).toEqual({ amountMinor: 10_100, currency: 'usd' })
  expect((await bob.invoices())[1]).toBe('10100 usd open: requests: 4 100; Fee 10000')
  expect((await bob.explains()).filter((line) => line.includes('requests'))).toEqual([
    'requests | 4 requests were measured from … to …. | 4 requests × $0.25 = $1.00.',
  ])
})

test('access lasts until the due date and the days of grace are over, and comes back with the money', async () => {
  const cleo = await world.customer('Cleo')
  await cleo.subscribes('invoiced')
  const invoice = await newest(cleo)
  const due = Date.parse(invoice.dueAt ?? '')
  const day = 86_400_000
  const moveTo = (at: number) => world.advance(new Date(at).toISOString())

  const early = await cleo.calls()
  await moveTo(due + day)
  const inGrace = await answers(cleo, 200)
  await moveTo(due + 5 * day + 1_000)
  const blocked = await answers(cleo, 403)
  const paid = await markPaid(invoice.id, { reference: 'TR-1', amountMinor: 10_000 })
  const after = await answers(cleo, 200)

  expect(early.headers.get('x-billing-status')).toBe(null)
  expect(inGrace.status).toBe(200)
  expect(blocked.body).toMatchObject({ code: 'payment_overdue' })
  expect(paid).toMatchObject({
    state: 'paid',
    paymentReference: 'TR-1',
    amountPaid: { amountMinor: 10_000 },
  })
  expect(after.status).toBe(200)
})

test('a part, a payment from the future and one without a name are refused; nothing is charged', async () => {
  const dan = await world.customer('Dan')
  await dan.subscribes('invoiced')
  const { id: invoiceId } = await newest(dan)
  const tomorrow = new Date(Date.parse(await world.now()) + 86_400_000).toISOString()
  const pay = { params: { invoiceId } }

  expect(await refusalOf(markPaid(invoiceId, { reference: 'x', amountMinor: 9_999 }))).toBe(
    'payment_not_whole',
  )
  expect(await refusalOf(markPaid(invoiceId, {}))).toBe('invalid_request')
  expect(await refusalOf(markPaid(invoiceId, { reference: 'x', paidAt: tomorrow }))).toBe(
    'invalid_request',
  )
  expect(await refusalOf(world.operator.post('/api/v1/invoices/{invoiceId}/pay', pay))).toBe(
    'invoice_not_collectible',
  )
  expect(await refusalOf(dan.portal.post('/api/v1/portal/invoices/{invoiceId}/pay', pay))).toBe(
    'invoice_not_collectible',
  )
  expect(await newest(dan)).toMatchObject({ state: 'open', paymentReference: null })
})

test('what is written off blocks and can still be paid; what is void is not owed; both are on the record', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('invoiced')
  const { id } = await newest(eve)

  const given = await farebox(world, `invoices write-off ${id} --json`)
  const blocked = await answers(eve, 403)
  const paid = await farebox(world, `invoices mark-paid ${id} --reference TR-2 --json`)
  const again = await farebox(world, `invoices void ${id} --json`)
  const fay = await world.customer('Fay')
  await fay.subscribes('invoiced')
  const other = await newest(fay)
  const gone = await farebox(world, `invoices void ${other.id} --json`)
  const entries = await world.operator.get('/api/v1/audit-entries', {
    query: { customerId: eve.customerId },
  })

  expect(given.json()).toMatchObject({ state: 'uncollectible' })
  expect(blocked.body).toMatchObject({ code: 'payment_uncollectible' })
  expect(paid.json()).toMatchObject({ state: 'paid', paymentReference: 'TR-2' })
  expect(again.code).toBe(1)
  expect(again.err).toContain('invoice_not_open')
  expect(gone.json()).toMatchObject({ state: 'void' })
  expect((await fay.overview()).subscription).toMatchObject({ paymentStatus: 'not_required' })
  expect(
    entries.data.map(({ action }) => action).filter((action) => action.startsWith('invoice.')),
  ).toEqual(['invoice.paid', 'invoice.uncollectible', 'invoice.open', 'invoice.drafted'])
})

test('numbers follow each other without a gap, whoever is invoiced', async () => {
  const { data } = await world.operator.get('/api/v1/invoices', { query: { limit: 100 } })
  const numbers = data.map(({ number }) => Number(number?.slice(-6))).toSorted((a, b) => a - b)

  expect(numbers).toEqual(numbers.map((_, i) => i + 1))
})

test('a coupon comes off an offline invoice as the preview said', async () => {
  await offersCoupon(world, 'half', {
    off: { type: 'percentage', percent: '50' },
    duration: { type: 'once' },
  })
  const gus = await world.customer('Gus')
  const body = { planKey: 'invoiced', promotionCode: 'half' }

  const preview = await gus.portal.post('/api/v1/portal/subscriptions/preview', { body })
  await gus.portal.post('/api/v1/portal/subscriptions', { body })

  expect(preview.invoice?.amountDue.amountMinor).toBe(5_000)
  expect(await newest(gus)).toMatchObject({ amountDue: { amountMinor: 5_000 } })
})
