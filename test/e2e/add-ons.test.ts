import { afterAll, beforeAll, expect, test } from 'vitest'
import { tellsBank, usesCardThatAsks } from '../support/asking-card.ts'
import { fee, monthly, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'
import { openBrowser, type TestBrowser } from './support/browser.ts'
import { signsInAsCustomer } from './support/customer.ts'

let world: World
let browser: TestBrowser

beforeAll(async () => {
  world = await openWorld()
  browser = await openBrowser(world.running.consoleUrl)
  await world.sells('club', monthly('Club', [fee('29.00'), quota('requests', '1000')]))
  await world.sells(
    'extra',
    monthly('Extra calls', [fee('10.00', { name: 'Extra calls' }), quota('requests', '500')], {
      addOn: { planKeys: ['club'], maximumQuantity: 5 },
    }),
  )
  await world.sells(
    'support',
    monthly('Support', [fee('15.00', { name: 'Support' })], {
      addOn: { planKeys: ['club'], maximumQuantity: 1 },
    }),
  )
})
afterAll(async () => {
  await browser.close()
  await world.close()
})

test('a customer buys an add-on at what the preview says, to the cent, and plans and takes back its end', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('club')
  await world.advance('P10D')
  const visitor = await signsInAsCustomer(browser, 'ada@example.com')
  const { page } = visitor
  const addOns = page.getByRole('table', { name: 'Add-ons' })

  await visitor.opens('/portal/billing')
  await visitor.expectsSoundPage()
  await addOns.getByRole('link', { name: 'Add Extra calls' }).click()
  await page.getByLabel('How many').fill('2')
  await page.getByRole('button', { name: 'Show the price' }).click()
  const line = page.getByRole('table', { name: 'Due now' }).getByText(/2 × Extra calls/)
  await line.waitFor()
  const pay = page.getByRole('button', { name: /^Pay \$[\d.]+ and add$/ })
  const due = /\$[\d.]+/.exec((await pay.textContent()) ?? '')?.[0]
  await visitor.expectsSoundPage()
  await pay.click()
  await page.getByText('You have 2', { exact: true }).waitFor()
  await visitor.expectsSoundPage()
  const { data: invoices } = await ada.portal.get('/api/v1/portal/invoices')
  expect(invoices[0]).toMatchObject({ kind: 'change', state: 'paid' })
  expect(`$${(invoices[0]?.total.amountMinor ?? 0) / 100}`).toBe(due)
  expect((await ada.overview()).quotas).toMatchObject([{ limit: '2000' }])

  await addOns.getByRole('link', { name: 'Remove Extra calls' }).click()
  await page.getByRole('button', { name: /^Remove on / }).click()
  await page.getByText(/^Your add-ons change on /).waitFor()
  await addOns.getByText(/^You have 2 until /).waitFor()
  await visitor.expectsSoundPage()
  await page.getByRole('button', { name: 'Keep my add-ons' }).click()
  await page.getByText(/^Renews on .*20\d\d\.$/).waitFor()
  await addOns.getByText('You have 2', { exact: true }).waitFor()
})

test('an add-on whose bank asks is there once that is done, and not before', async () => {
  const eve = await world.customer('Eve')
  await eve.subscribes('club')
  await usesCardThatAsks(eve)
  const visitor = await signsInAsCustomer(browser, 'eve@example.com')
  const { page } = visitor

  await visitor.opens('/portal/billing/add-ons/support')
  await page.getByRole('button', { name: /^Pay \$[\d.]+ and add$/ }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/portal'))
  const bill = page.url()
  await visitor.opens('/portal/billing')
  await page.getByText('Support waits for its payment').waitFor()
  await visitor.expectsSoundPage()
  expect((await eve.overview()).subscription?.addOns).toEqual([])

  await tellsBank(bill, 'complete')
  await until(
    () => eve.overview(),
    ({ subscription }) => subscription?.addOns[0]?.key === 'support',
  )
  await visitor.opens('/portal/billing')
  await page.getByText('You have 1', { exact: true }).waitFor()
})
