import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World } from '../support/world.ts'
import { openBrowser, type TestBrowser } from './support/browser.ts'
import { signsInAsOperator } from './support/operator.ts'

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

test('an operator makes a coupon, and a customer sees what it takes off before paying', async () => {
  const operator = await signsInAsOperator(browser, world)
  const { page } = operator
  await operator.opens('/admin/test/coupons')
  await operator.expectsSoundPage()
  await page.getByRole('button', { name: 'New coupon' }).click()
  await page.getByLabel('Name').fill('Launch offer')
  await page.getByLabel('Key').fill('launch')
  await page.getByLabel('Percentage').fill('20')
  await page.getByRole('button', { name: 'Create coupon' }).click()
  await page.getByRole('heading', { name: 'Launch offer' }).waitFor()
  await page.getByRole('button', { name: 'New code' }).click()
  await page.getByLabel('Code', { exact: true }).fill('launch20')
  await page.getByRole('button', { name: 'Add code' }).click()
  await page.getByText('LAUNCH20').first().waitFor()
  await operator.expectsSoundPage()

  await world.customer('Ada')
  const ada = await browser.visitor()
  await ada.opens('/portal/sign-in')
  await ada.page.getByLabel('Email').fill('ada@example.com')
  await ada.page.getByLabel('Password', { exact: true }).fill('a long enough password')
  await ada.page.keyboard.press('Enter')
  await ada.page.getByRole('heading', { name: 'Overview' }).waitFor()
  await ada.opens('/portal/plans')
  await ada.page.getByRole('link', { name: 'Use a promotion code' }).first().click()
  await ada.page.getByText('I have a promotion code').click()
  await ada.page.getByLabel('Promotion code').fill('launch20')
  await ada.page.getByRole('button', { name: 'Apply code' }).click()
  await ada.page.getByText('Launch offer: 20 % off your first invoice.').waitFor()
  await ada.page.getByText('$23.20').first().waitFor()
  await ada.expectsSoundPage()
  await ada.page.getByRole('button', { name: 'Remove code' }).click()
  await ada.page.getByText('I have a promotion code').click()
  await ada.page.getByLabel('Promotion code').fill('nothing')
  await ada.page.getByRole('button', { name: 'Apply code' }).click()
  await ada.page.getByText('There is no such code.').waitFor()
  await ada.page.getByLabel('Promotion code').fill('launch20')
  await ada.page.getByRole('button', { name: 'Apply code' }).click()
  await ada.page.getByRole('button', { name: 'Remove code' }).waitFor()
  await ada.page.getByRole('button', { name: 'Continue to payment' }).click()
  await ada.page.waitForURL(/cs_test_/)
  expect(await ada.page.textContent('body')).toContain('$23.20')
})
