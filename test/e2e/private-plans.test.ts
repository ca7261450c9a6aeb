import { afterAll, beforeAll, expect, test } from 'vitest'
import { fee, monthly } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'
import { openBrowser, type TestBrowser } from './support/browser.ts'
import { signsInAsOperator } from './support/operator.ts'

let world: World
let browser: TestBrowser

beforeAll(async () => {
  world = await openWorld()
  await world.sells('partner', monthly('Partner', [fee('7.00')], { visibility: 'private' }))
  browser = await openBrowser(world.running.consoleUrl)
})
afterAll(async () => {
  await browser.close()
  await world.close()
})

test('an operator invites an address, and who signs up with it by the link may choose the plan', async () => {
  const operator = await signsInAsOperator(browser, world)
  const { page } = operator
  await operator.opens('/admin/test/plans/partner')
  await page.getByText('Nobody is invited yet').waitFor()
  await operator.expectsSoundPage()
  await page.getByRole('button', { name: 'Invite' }).click()
  await page.getByLabel('Address or customer').fill('grace@example.com')
  await page.getByRole('button', { name: 'Send invitation' }).click()
  await page.getByText('grace@example.com').waitFor()
  await operator.expectsSoundPage()

  const link = await until(
    async () => {
      const { data } = await world.operator.get('/api/v1/mailbox')
      const texts = data.map(({ text }) => /\/portal\/invitations\/\w+/.exec(text)?.[0])
      return texts.find((found) => found !== undefined)
    },
    (found) => found !== undefined,
  )
  const grace = await browser.visitor()
  await grace.opens(link ?? '')
  await grace.page.getByRole('link', { name: 'Create an account' }).click()
  await grace.page.getByLabel('Name').fill('Grace')
  await grace.page.getByLabel('Email').fill('grace@example.com')
  await grace.page.getByLabel('Password', { exact: true }).fill('a long enough password')
  await grace.page.keyboard.press('Enter')
  await grace.page.getByRole('heading', { name: 'Name your account' }).waitFor()
  await grace.page.getByRole('button', { name: 'Continue' }).click()
  await grace.page.getByRole('heading', { name: 'You are invited to Partner' }).waitFor()
  await grace.expectsSoundPage()
  await grace.page.getByRole('button', { name: 'Accept invitation' }).click()
  await grace.page.getByText('You chose Partner').waitFor()
  await grace.expectsSoundPage()
  await grace.opens(link ?? '')
  await grace.page.getByText('This invitation cannot be accepted').waitFor()
  await grace.page.getByText('It has been accepted already.').waitFor()

  await operator.opens('/admin/test/plans/partner')
  await page.getByText('accepted', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Take back' }).click()
  await page.getByRole('button', { name: 'Take back' }).last().click()
  await page.getByText('taken back').waitFor()
  expect(operator.errors()).toEqual([])
})
