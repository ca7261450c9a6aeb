import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World } from '../support/world.ts'
import { openBrowser, type TestBrowser, type Visitor } from './support/browser.ts'

/** Usage is shown when it was collected and asked for again. */
const SLOWLY = { timeout: 20_000 }

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

test('a customer sets a budget, follows a refused call to it, and an operator raises and removes it', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('pro')
  const visitor = await browser.visitor()
  const { page } = visitor
  await visitor.opens('/portal/sign-in')
  await signsIn(visitor, 'ada@example.com', 'a long enough password')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  await visitor.opens('/portal/keys')
  await visitor.expectsSoundPage()

  await page.getByRole('button', { name: 'Set budget' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Nightly jobs')
  await dialog.getByLabel('Amount').fill('2')
  await dialog.getByLabel('For', { exact: true }).click()
  await page.getByRole('option').nth(1).click()
  await dialog.getByLabel('Starts anew').click()
  await page.getByRole('option', { name: 'Every day' }).click()
  await dialog.getByLabel('Mail at').fill('eighty')
  await dialog.getByRole('button', { name: 'Set budget' }).click()
  await dialog.getByText('Percent of the budget, such as 80, 100.').nth(1).waitFor()
  await dialog.getByLabel('Mail at').fill('50, 100')
  await dialog.getByRole('button', { name: 'Set budget' }).click()
  await dialog.waitFor({ state: 'hidden' })
  const meter = page.getByRole('meter', { name: 'Nightly jobs' })
  await expect.poll(() => meter.textContent(), SLOWLY).toContain('0 of 2 requests per day')
  await page.getByText('Calls beyond it are refused · Mails at 50% and 100%').waitFor()

  await expect.poll(async () => (await ada.calls('/v1/ping')).status, SLOWLY).toBe(403)
  const refused = (await ada.calls('/v1/ping')).body as { actions: Record<string, string>[] }
  const raise = refused.actions.find(({ rel }) => rel === 'raise_budget')?.['href'] ?? ''
  await page.goto(raise)
  await expect.poll(() => meter.textContent(), SLOWLY).toContain('2 of 2 requests per day')
  expect(await meter.textContent()).toContain('Used up')
  await visitor.expectsSoundPage()

  const operator = await browser.visitor()
  const { email = '', password = '' } = world.running.operator ?? {}
  await operator.opens('/admin/')
  await signsIn(operator, email, password)
  await operator.page.getByRole('heading', { name: 'Home' }).waitFor()
  await operator.opens(`/admin/test/customers/${ada.customerId}?tab=keys`)
  const actions = operator.page.getByRole('button', { name: 'Actions for Nightly jobs' })
  await actions.click()
  await operator.page.getByRole('menuitem', { name: 'Change' }).click()
  await operator.page.getByLabel('Amount').fill('1,000')
  await operator.page.getByRole('button', { name: 'Change budget' }).click()
  const raised = operator.page.getByRole('meter', { name: 'Nightly jobs' })
  await expect.poll(() => raised.textContent(), SLOWLY).toContain('2 of 1,000 requests per day')
  await operator.expectsSoundPage()
  await expect.poll(async () => (await ada.calls('/v1/ping')).status, SLOWLY).toBe(200)

  await actions.click()
  await operator.page.getByRole('menuitem', { name: 'Remove' }).click()
  await operator.page.getByRole('button', { name: 'Remove budget' }).click()
  await operator.page.getByText('No budgets').waitFor()
  await page.getByText('No budgets').waitFor()
})

async function signsIn({ page }: Visitor, email: string, password: string): Promise<void> {
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}
