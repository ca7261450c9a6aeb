import { afterAll, beforeAll, expect, test } from 'vitest'
import { fee, monthly } from '../support/sold-plans.ts'
import { openWorld, type World } from '../support/world.ts'
import { openBrowser, type TestBrowser, type Visitor } from './support/browser.ts'
import { signsInAsOperator } from './support/operator.ts'

let world: World
let browser: TestBrowser
let operator: Visitor

beforeAll(async () => {
  world = await openWorld()
  browser = await openBrowser(world.running.consoleUrl)
  await world.sells('growth', monthly('Growth', [fee('29.00')]))
  for (const name of ['Ada', 'Bob', 'Cleo']) await (await world.customer(name)).subscribes('growth')
  const params = { planKey: 'growth' }
  const { revision } = await world.operator.post('/api/v1/plans/{planKey}/next', { params })
  const body = { revision, definition: monthly('Growth', [fee('35.00')]) }
  await world.operator.put('/api/v1/plans/{planKey}/draft', { params, body })
  await world.operator.post('/api/v1/plans/{planKey}/publish', { params })
  operator = await signsInAsOperator(browser, world)
})
afterAll(async () => {
  await browser.close()
  await world.close()
})

test('subscribers are moved as the dry run said, without those who were left out', async () => {
  const { page } = operator
  await operator.opens('/admin/test/plans/growth')
  await page.getByRole('button', { name: 'Actions for this plan' }).click()
  await page.getByRole('menuitem', { name: /Move subscribers/ }).click()
  await page.getByText('3 move.').waitFor()
  await page.getByText('Together each month: $87.00 → $105.00.').waitFor()
  await operator.expectsSoundPage()

  const rows = page.getByRole('table', { name: 'Dry run' }).getByRole('row')
  await rows.filter({ hasText: 'Bob' }).getByText('Leave out').click()
  await page.getByText('2 move, 1 stay.').waitFor()
  await page.getByText('Together each month: $58.00 → $70.00.').waitFor()
  await page.getByRole('button', { name: 'Move 2 subscribers' }).click()

  await page.getByRole('heading', { name: 'growth to version 2' }).waitFor()
  const members = page.getByRole('table', { name: 'Subscribers' }).getByRole('row')
  await members.filter({ hasText: 'Ada' }).getByText('waiting').waitFor({ timeout: 20_000 })
  expect(await members.filter({ hasText: 'Bob' }).count()).toBe(0)
  await operator.expectsSoundPage()
})

test('one is left out while it runs, and the rest is canceled with what was moved staying', async () => {
  const { page } = operator
  await page.getByRole('row').filter({ hasText: 'Cleo' }).getByRole('button').click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Leave out' }).click()
  await page.getByText('0 of 2 moved, 1 to come, 1 left out').waitFor()

  await page.getByRole('button', { name: 'Cancel migration' }).click()
  await page.getByRole('alertdialog').getByText('1 subscriber', { exact: true }).waitFor()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel migration' }).click()
  await page.getByText('0 of 2 moved, 1 left out, 1 canceled').waitFor()
  await operator.expectsSoundPage()

  await operator.opens('/admin/test/migrations?planKey=growth')
  await page.getByRole('link', { name: 'growth to version 2' }).waitFor()
  await operator.expectsSoundPage()
  await operator.opens('/admin/test/migrations?planKey=pro')
  await page.getByText('No migration of this plan').waitFor()
})
