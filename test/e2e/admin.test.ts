import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World } from '../support/world.ts'
import { fee, monthly } from '../support/sold-plans.ts'
import { openBrowser, type TestBrowser, type Visitor } from './support/browser.ts'
import { signsInAsOperator } from './support/operator.ts'

/** A busy machine takes its time; what is waited for comes nevertheless. */
const PATIENT = { timeout: 20_000 }

let world: World
let browser: TestBrowser
let operator: Visitor

beforeAll(async () => {
  world = await openWorld()
  browser = await openBrowser(world.running.consoleUrl)
  const ada = await world.customer('Ada')
  await ada.subscribes('pro')
  await ada.callsTimes(3)
  operator = await signsInAsOperator(browser, world)
})
afterAll(async () => {
  await browser.close()
  await world.close()
})

test('an operator writes a plan, sees what publishing does, and publishes it into Stripe', async () => {
  const { page } = operator
  await operator.opens('/admin/test/')
  await page.getByRole('link', { name: 'Meters & features' }).click()
  await page
    .getByRole('table', { name: 'Meters' })
    .getByRole('link', { name: 'Requests' })
    .waitFor()
  await addsMeter()
  await operator.expectsSoundPage()
  await addsFeature()

  await page.getByRole('link', { name: 'Plans', exact: true }).click()
  await page.getByRole('table', { name: 'Plans' }).getByRole('link', { name: 'Pro' }).click()
  await page.getByRole('link', { name: 'Version 1' }).waitFor()
  await page.getByText('$29.00 per month').first().waitFor()
  await operator.expectsSoundPage()

  await page.getByRole('link', { name: 'Plans', exact: true }).first().click()
  await page.getByRole('button', { name: 'New plan' }).click()
  await page.getByLabel('Name').fill('Team')
  await page.getByLabel('Key', { exact: true }).fill('team')
  await page.getByLabel('Fee').fill('49.00')
  await page.getByRole('button', { name: 'Create draft' }).click()
  await page.getByRole('heading', { name: 'Draft of version 1' }).waitFor()
  await addsSearches()
  await operator.expectsSoundPage()
  await page.getByRole('button', { name: 'Save and review' }).click()

  const effects = page.getByRole('table', { name: 'What publishing does' })
  for (const effect of ['create product', 'create meter', 'create price']) {
    await effects.getByText(effect).first().waitFor()
  }
  await operator.expectsSoundPage()
  expect(await stripeProducts()).not.toContain('Team')
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Publish plan' }).click()
  await page.getByText('version 1 on sale').waitFor()
  expect(await stripeProducts()).toContain('Team')
  expect(await stripeAmounts('Team')).toContain(4900)
  expect(await stripeNames('/v1/billing/meters', 'display_name')).toContain('Searches')

  // What is on sale changes by a next version only, and the reader sees that it would.
  await page.getByRole('button', { name: 'Actions for this plan' }).click()
  await page.getByRole('menuitem', { name: /Start the next version/ }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Start draft' }).click()
  await page.getByRole('heading', { name: 'Draft of version 2' }).waitFor()
  await page.getByLabel('Description').fill('For teams.')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('switch', { name: /left over/ }).click()
  await dialog.getByText('Credits', { exact: true }).click()
  await dialog.getByRole('switch', { name: /Credits come with it/ }).click()
  await dialog.getByLabel('How many').fill('500')
  await operator.expectsSoundPage()
  await dialog.getByRole('button', { name: 'Change rate card' }).click()
  await page.getByRole('button', { name: 'Save and review' }).click()
  const changes = page.getByRole('table', { name: 'What changes' })
  await changes.getByText('500 credits per month').waitFor()
  await changes.getByText('What is left over is valid for another month').waitFor()
  await operator.expectsSoundPage()
})

test('a customer is found, helped and followed: plan, usage, keys, invoices, what happened', async () => {
  const { page } = operator
  await operator.opens('/admin/test/')
  await page.keyboard.press('ControlOrMeta+k')
  await page.getByPlaceholder(/^Search customers/).fill('Ada')
  await page.getByRole('option', { name: /Ada/ }).first().click()
  await page.getByRole('meter', { name: 'API requests' }).waitFor()
  expect(await page.getByRole('meter', { name: 'API requests' }).textContent()).toContain(
    '3 of 1,000',
  )
  await operator.expectsSoundPage()

  await page.getByRole('tab', { name: 'Usage' }).click()
  await page
    .getByRole('figure')
    .getByText(/^3 requests/)
    .waitFor()
  await operator.expectsSoundPage()

  await page.getByRole('tab', { name: 'API keys' }).click()
  await page.getByRole('button', { name: 'Issue key' }).click()
  await page.getByLabel('Name').fill('Their support case')
  await page.getByRole('dialog').getByRole('button', { name: 'Issue key' }).click()
  const reveal = page.getByRole('dialog', { name: /new key/i })
  await reveal.getByRole('button', { name: /copy/i }).first().click()
  const key = await page.evaluate<string>('navigator.clipboard.readText()')
  await reveal.getByRole('checkbox').check()
  await reveal.getByRole('button', { name: 'Done' }).click()
  await page.getByText('Their support case').waitFor()
  const answer = await fetch(`${world.running.gatewayUrl}/v1/weather`, {
    headers: { authorization: `Bearer ${key}` },
  })
  expect(answer.status).toBe(200)

  await page.getByRole('tab', { name: 'Invoices & payments' }).click()
  await page.getByRole('table', { name: 'Invoices' }).getByText('$29.00').waitFor()
  await operator.expectsSoundPage()
  await page.getByRole('tab', { name: 'Timeline' }).click()
  const story = page.getByRole('list', { name: 'Timeline' })
  await story.getByText('Subscription created').waitFor()
  await story.getByText('Payment came in').waitFor()
  await story
    .getByText(/from Stripe/)
    .first()
    .click()
  await story.getByRole('link', { name: 'customer.subscription.created' }).waitFor()
  await operator.expectsSoundPage()
  await page.getByRole('button', { name: 'Kind' }).click()
  await page.getByRole('menuitem', { name: 'API keys' }).click()
  await story.getByText('API key issued').first().waitFor()
  expect(await story.getByText('Subscription created').count()).toBe(0)
})

test('a month passes at a click, and the invoice of the next period is there, paid and explained', async () => {
  const { page } = operator
  await operator.opens('/admin/test/')
  await page.getByRole('button', { name: 'Advance time' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Advance time' }).click()
  await page.getByRole('dialog', { name: 'Time has passed' }).waitFor({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByText(/days ahead of real time/).waitFor()

  await page.getByRole('link', { name: 'Invoices & payments' }).click()
  const rows = page.getByRole('table', { name: 'Invoices' }).locator('tbody tr')
  await expect.poll(() => rows.count(), PATIENT).toBe(2)
  await rows.first().getByRole('link').first().click()
  await page.getByText('The fee is $29.00.').waitFor()
  await operator.expectsSoundPage()
})

test('a payment is given back in part, and what is left of it is said', async () => {
  const { page } = operator
  await operator.opens('/admin/test/invoices?tab=payments')
  await page.getByRole('table', { name: 'Payments' }).getByRole('link').first().click()
  await page.getByRole('button', { name: 'Refund' }).click()
  const dialog = page.getByRole('dialog', { name: 'Refund Ada' })
  await dialog.getByLabel('Amount').fill('30.00')
  await dialog.getByText('That is more than what is left of the payment.').first().waitFor()
  await dialog.getByLabel('Amount').fill('9.00')
  await dialog.getByText('The rest of the payment stays.').waitFor()
  await dialog.getByText('The subscription goes on, and access with it.').waitFor()
  await dialog.getByRole('button', { name: 'Refund $9.00' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByText('$20.00').first().waitFor()
  await operator.expectsSoundPage()
})

test('a change of plan is previewed and scheduled, and taken back', async () => {
  const { page } = operator
  await operator.opens('/admin/test/subscriptions')
  await page
    .getByRole('table', { name: 'Subscriptions' })
    .getByRole('link', { name: 'Ada' })
    .click()
  await page.getByRole('button', { name: 'Actions for this subscription' }).click()
  await page.getByRole('menuitem', { name: /Change plan/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Change the plan of Ada' })
  await dialog.getByText('Nothing is charged for the change.').waitFor()
  await dialog.getByRole('button', { name: 'Schedule change' }).click()
  await dialog.waitFor({ state: 'hidden' })
  const banner = page.locator('#main').getByText(/^Changes to Free on/)
  await banner.waitFor()
  await operator.expectsSoundPage()
  await page.getByRole('button', { name: 'Take back' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Take back' }).click()
  await banner.waitFor({ state: 'hidden' })
})

test('a dispute opens with its evidence drafted, to edit and to hand in once', async () => {
  const grace = await world.customer('Grace')
  await grace.subscribes('pro', 'pm_card_createDispute')
  const { page } = operator
  await operator.opens('/admin/test/disputes')
  const link = page.getByRole('table', { name: 'Disputes' }).getByRole('link')
  await expect
    .poll(async () => {
      await operator.opens('/admin/test/disputes')
      return link.count()
    }, PATIENT)
    .toBe(1)
  await link.click()
  await page.getByText('The bank waits for an answer').waitFor()
  await operator.expectsSoundPage()
  await page.getByLabel('Anything else').fill('They wrote that all is well.')
  await page.getByRole('button', { name: 'Save evidence' }).click()
  await page.getByText('Evidence saved').waitFor()
  await page.getByRole('button', { name: 'Hand in evidence' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Hand in evidence' }).click()
  await page.getByRole('alertdialog').waitFor({ state: 'hidden' })
  await page.getByText('The bank waits for an answer').waitFor({ state: 'hidden' })
  expect(await page.getByRole('button', { name: 'Hand in evidence' }).isDisabled()).toBe(true)
})

test('the inbox shows what Stripe told, and an event is replayed without a second effect', async () => {
  const { page } = operator
  await operator.opens('/admin/test/webhooks?type=invoice.paid')
  const invoicesBefore = await world.operator.get('/api/v1/invoices')
  await page.getByRole('link', { name: 'invoice.paid' }).first().click()
  await page.getByRole('heading', { name: 'invoice.paid' }).waitFor()
  await operator.expectsSoundPage()
  await page.getByRole('button', { name: 'Replay' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Replay event' }).click()
  await page.getByText('Replay has begun').waitFor()
  await expect
    .poll(() => page.getByRole('definition').filter({ hasText: 'replay' }).count(), PATIENT)
    .toBeGreaterThan(0)
  expect(await world.operator.get('/api/v1/invoices')).toEqual(invoicesBefore)
})

test('a billing run shows what is due, closes it, and says that it is done', async () => {
  const { page } = operator
  const own = { engine: 'stripe_invoice', checkoutMode: 'setup' } as const
  await world.sells('rented', monthly('Rented', [fee('20.00')], own))
  const purchase = await (await world.customer('Cleo')).choosesPlan('rented')
  await purchase.pays()
  await purchase.settles()
  await operator.opens('/admin/test/billing-runs')
  await page.getByText('Nothing is due', { exact: true }).waitFor()
  await operator.expectsSoundPage()

  await page.getByRole('button', { name: 'Run now' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Close and invoice' }).click()

  const runs = page.getByRole('table', { name: 'Billing runs' })
  await runs.getByText('finished').waitFor()
  await operator.expectsSoundPage()
})

test('a customer is compared with Stripe at a click', async () => {
  const { page } = operator
  await operator.opens('/admin/test/customers')
  await page.getByRole('table', { name: 'Customers' }).getByRole('link', { name: 'Ada' }).click()
  await page.getByRole('button', { name: 'Actions for Ada' }).click()
  await page.getByRole('menuitem', { name: /Compare with Stripe/ }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Compare now' }).click()
  await page.getByText(/differs from Stripe|mended/).waitFor()
  await operator.expectsSoundPage()
})

test('a route is made and switched on, and the gateway follows it', async () => {
  const { page } = operator
  await operator.opens('/admin/test/routes')
  await page.getByRole('button', { name: 'New route' }).click()
  await page.getByLabel('Key', { exact: true }).fill('status')
  await page.getByLabel('Path').fill('/status')
  await page.getByRole('button', { name: 'Create route' }).click()
  await page.getByRole('heading', { name: '/status and below' }).waitFor()
  await page.getByRole('switch', { name: 'On' }).click()
  await page.getByRole('switch', { name: 'Public' }).click()
  await page.getByLabel('As path').fill('/v1/weather')
  await page.getByRole('button', { name: 'Save route' }).click()
  await page.getByText('Route saved').waitFor()
  await operator.expectsSoundPage()
  await expect
    .poll(async () => (await fetch(`${world.running.gatewayUrl}/status`)).status, PATIENT)
    .toBe(200)
})

test('every page is sound, in both themes and on a phone', async () => {
  const { page } = operator
  await operator.opens('/admin/test/')
  const links = page.getByRole('navigation').first().getByRole('link')
  const paths = await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))
  expect(paths.length).toBeGreaterThan(10)
  for (const path of paths) {
    await operator.opens(path)
    await operator.expectsSoundPage()
    const title = await page.title()
    expect(title).toMatch(/ – Farebox – Test$/)
  }
})

test('what a role does not allow is there, switched off, and says why', async () => {
  const account = { name: 'Reader', email: 'reader@example.com', password: 'long enough to read' }
  await world.running.domain.operators.create({ ...account, role: 'read_only' })
  const { page, ...reader } = await signsInAsOperator(browser, world, account)
  await reader.opens('/admin/test/customers')
  const button = page.getByRole('button', { name: 'New customer' })
  expect(await button.isDisabled()).toBe(true)
  await button.hover()
  await page.getByText('Your role does not allow you to change customers.').last().waitFor()
})

async function addsMeter(): Promise<void> {
  const { page } = operator
  await page.getByRole('button', { name: 'New meter' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Searches')
  await dialog.getByLabel('Key', { exact: true }).fill('searches')
  await dialog.getByLabel('Event type').fill('search')
  await dialog.getByLabel('Unit').fill('search')
  await dialog.getByRole('button', { name: 'Create meter' }).click()
  await page.getByRole('heading', { name: 'Searches' }).waitFor()
}

async function addsFeature(): Promise<void> {
  const { page } = operator
  await page.getByRole('link', { name: 'New feature' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Search')
  await dialog.getByLabel('Key', { exact: true }).fill('search')
  await dialog.getByLabel('Counted by').click()
  await page.getByRole('option', { name: /Searches/ }).click()
  await dialog.getByRole('button', { name: 'Create feature' }).click()
  await dialog.waitFor({ state: 'hidden' })
  const features = page.getByRole('table', { name: 'Features' })
  for (const name of ['API requests', 'Search']) {
    await features.getByText(name, { exact: true }).waitFor()
  }
}

/** A thousand searches are included, each further one costs. */
async function addsSearches(): Promise<void> {
  const { page } = operator
  await page.getByRole('button', { name: 'Add rate card' }).click()
  const dialog = page.getByRole('dialog')
  const chooses = async (label: string, option: RegExp) => {
    await dialog.getByLabel(label).click()
    await page.getByRole('option', { name: option }).click()
  }
  await chooses('Feature', /Search/)
  await chooses('Customers get', /A quantity/)
  await dialog.getByRole('textbox', { name: 'Units optional' }).fill('1000')
  await chooses('At the limit', /Bill more/)
  await chooses('They pay', /Per unit/)
  await dialog.getByLabel('Amount per unit').fill('0.01')
  await dialog.getByRole('button', { name: 'Add rate card' }).click()
  await page.getByText('1,000 searches per month').waitFor()
}

async function stripeList(path: string): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${world.running.simulatorUrl}${path}`, {
    headers: { authorization: 'Bearer sk_test_farebox' },
  })
  return ((await response.json()) as { data: Record<string, unknown>[] }).data
}

async function stripeNames(path: string, member = 'name'): Promise<unknown[]> {
  return (await stripeList(`${path}?limit=100`)).map((object) => object[member])
}

const stripeProducts = () => stripeNames('/v1/products')

async function stripeAmounts(productName: string): Promise<unknown[]> {
  const products = await stripeList('/v1/products?limit=100')
  const id = products.find(({ name }) => name === productName)?.['id']
  const prices = await stripeList('/v1/prices?limit=100')
  return prices.filter(({ product }) => product === id).map((price) => price['unit_amount'])
}
