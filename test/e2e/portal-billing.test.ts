import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { fee, monthly } from '../support/sold-plans.ts'
import { openWorld, type World } from '../support/world.ts'
import { payByCard } from './support/hosted-checkout.ts'
import { openBrowser, type TestBrowser } from './support/browser.ts'
import { signsInAsCustomer } from './support/customer.ts'

let world: World
let browser: TestBrowser

beforeAll(async () => {
  world = await openWorld()
  browser = await openBrowser(world.running.consoleUrl)
})
afterAll(async () => {
  await browser.close()
  await world.close()
})

test('a customer sees what an upgrade costs, pays exactly that, and plans and takes back a downgrade', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('pro')
  await world.advance('P10D')
  const visitor = await signsInAsCustomer(browser, 'ada@example.com')
  const { page } = visitor

  await visitor.opens('/portal/plans')
  await page.getByRole('link', { name: 'Change to Scale' }).click()
  const pay = page.getByRole('button', { name: /^Pay \$[\d.]+ and change$/ })
  await pay.waitFor()
  const due = /\$[\d.]+/.exec((await pay.textContent()) ?? '')?.[0]
  await visitor.expectsSoundPage()
  await pay.click()
  await page.getByText('You are on Scale').waitFor()
  await visitor.opens('/portal/invoices')
  expect(
    await page.getByRole('table', { name: 'Invoices' }).locator('tbody tr').first().textContent(),
  ).toContain(due)

  await visitor.opens('/portal/plans')
  await page.getByRole('link', { name: 'Change to Free' }).click()
  await page.getByRole('button', { name: /^Change on / }).click()
  await page
    .getByText(/^Free begins on .*20\d\d$/)
    .first()
    .waitFor()
  await visitor.expectsSoundPage()
  await page.getByRole('button', { name: 'Stay on Scale' }).click()
  await page.getByText(/^Renews on/).waitFor()
  expect((await ada.overview()).subscription).toMatchObject({ lifecycle: 'active', change: null })
})

test('a failed renewal says what follows, and a card that works puts it right by itself', async () => {
  const grace = await world.customer('Grace')
  await grace.subscribes('pro')
  await declines('grace@example.com')
  await world.advance('P1M')
  await until(
    () => grace.overview(),
    ({ paymentProblem }) => paymentProblem !== null,
  )
  const visitor = await signsInAsCustomer(browser, 'grace@example.com')
  const { page } = visitor

  await visitor.opens('/portal/')
  await page.getByText('The payment of $29.00 failed').waitFor()
  await visitor.expectsSoundPage()
  await page.getByRole('button', { name: 'Pay $29.00 now' }).click()
  await page.getByText('Payment declined').waitFor()

  await acceptsAgain('grace@example.com')
  await page.getByText('The payment of $29.00 failed').waitFor({ state: 'hidden' })
  await visitor.opens('/portal/billing')
  await page.getByText('active', { exact: true }).waitFor()
  await visitor.expectsSoundPage()
})

test('a customer sees what comes next, adds a card on the provider page, has it charged and forgets the other', async () => {
  const mia = await world.customer('Mia')
  await mia.subscribes('pro')
  const visitor = await signsInAsCustomer(browser, 'mia@example.com')
  const { page } = visitor
  const methods = page.getByRole('table', { name: 'Payment methods' })

  await visitor.opens('/portal/billing')
  const next = page.getByRole('table', { name: 'Next invoice' })
  await next.getByText('$29.00', { exact: true }).waitFor()
  await next.getByText('How this came about').first().click()
  await visitor.expectsSoundPage()
  await page.getByRole('button', { name: 'Add' }).click()
  await payByCard(page, '5555 5555 5555 4444')
  await page.getByRole('heading', { name: 'Plan & billing' }).waitFor()
  await until(
    async () => {
      await page.reload()
      await page.getByRole('heading', { name: 'Plan & billing' }).waitFor()
      return methods.getByText('…4444').count()
    },
    (count) => count === 1,
  )
  await visitor.expectsSoundPage()

  await methods.getByRole('button', { name: 'Charge this one' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Charge this one' }).click()
  await methods.getByRole('row', { name: /4444.*charged/ }).waitFor()
  await methods.getByRole('row', { name: /4242/ }).getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
  await methods.getByText('…4242').waitFor({ state: 'hidden' })

  await world.advance('P1M')
  const [renewal] = await until(
    async () => (await mia.portal.get('/api/v1/portal/invoices')).data,
    (invoices) => invoices.length === 2 && invoices[0]?.state === 'paid',
  )
  const { data: paid } = await world.operator.get('/api/v1/payments', {
    query: { invoiceId: renewal?.id ?? '' },
  })
  expect(paid.map(({ method }) => method?.lastFour)).toEqual(['4444'])
})

test('who pays by invoice is told by when, and pays on the provider page', async () => {
  const sent = { collection: 'send_invoice', daysUntilDue: 14 } as const
  const terms = { ...sent, isPaymentMethodRequired: false }
  await world.sells('by_invoice', monthly('By invoice', [fee('250.00')], terms))
  const lea = await world.customer('Lea')
  await lea.subscribes('by_invoice')
  const visitor = await signsInAsCustomer(browser, 'lea@example.com')
  const { page } = visitor

  await visitor.opens('/portal/')
  await page.getByText(/^\$250\.00 is to pay by /).waitFor()
  await visitor.expectsSoundPage()
  await visitor.opens('/portal/invoices')
  await visitor.expectsSoundPage()
  await page.getByRole('table', { name: 'Invoices' }).getByRole('link').first().click()
  await page.getByRole('link', { name: /^Pay/ }).waitFor()
  await visitor.expectsSoundPage()
  const href = await page.getByRole('link', { name: /^Pay/ }).getAttribute('href')
  await page.goto(href ?? '')
  await payByCard(page)
  await until(
    async () => (await lea.portal.get('/api/v1/portal/invoices')).data,
    ([invoice]) => invoice?.state === 'paid',
  )
  await visitor.opens('/portal/')
  await page.getByText(/is to pay by/).waitFor({ state: 'hidden' })
})

/** The bank refuses the card from now on. */
function declines(email: string): Promise<void> {
  return paysWith(email, 'pm_card_chargeCustomerFail')
}

function acceptsAgain(email: string): Promise<void> {
  return paysWith(email, 'pm_card_visa')
}

async function paysWith(email: string, card: string): Promise<void> {
  const { data: customers } = await atStripe(`customers?email=${encodeURIComponent(email)}`)
  const customer = customers?.[0]?.id ?? ''
  const { data: subscriptions } = await atStripe(`subscriptions?customer=${customer}&status=all`)
  const method = await atStripe(`payment_methods/${card}/attach`, { customer })
  const settings = { default_payment_method: method.id ?? '' }
  await atStripe(`subscriptions/${subscriptions?.[0]?.id}`, settings)
  await atStripe(`customers/${customer}`, {
    'invoice_settings[default_payment_method]': method.id ?? '',
  })
}

interface StripeAnswer {
  readonly id?: string
  readonly data?: readonly { readonly id: string }[]
}

async function atStripe(
  path: string,
  parameters?: Readonly<Record<string, string>>,
): Promise<StripeAnswer> {
  const response = await fetch(`${world.running.simulatorUrl}/v1/${path}`, {
    headers: {
      authorization: 'Bearer sk_test_farebox',
      'content-type': 'application/x-www-form-urlencoded',
    },
    ...(parameters && { method: 'POST', body: new URLSearchParams(parameters) }),
  })
  if (!response.ok) throw new Error(`Stripe refused ${path}: ${await response.text()}`)
  return (await response.json()) as StripeAnswer
}
