import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World } from '../support/world.ts'
import type { Actor } from '../support/actor.ts'
import { until } from '../support/until.ts'
import { openBrowser, type TestBrowser, type Visitor } from './support/browser.ts'
import { signsInAsOperator } from './support/operator.ts'

let world: World
let browser: TestBrowser
let operator: Visitor
let ada: Actor

beforeAll(async () => {
  world = await openWorld()
  browser = await openBrowser(world.running.consoleUrl)
  ada = await world.customer('Ada')
  await ada.subscribes('pro')
  const { subscription } = await ada.overview()
  operator = await signsInAsOperator(browser, world)
  await operator.opens(`/admin/test/subscriptions/${subscription?.id}`)
})
afterAll(async () => {
  await browser.close()
  await world.close()
})

const answered = (status: number) =>
  until(
    () => ada.calls(),
    (answer) => answer.status === status,
  )

async function chooses(action: string): Promise<void> {
  const { page } = operator
  await page.getByRole('button', { name: 'Actions for this subscription' }).click()
  await page.getByRole('menuitem', { name: action }).click()
  await page.getByRole('dialog').waitFor()
  await operator.expectsSoundPage()
}

test('an operator keeps a customer out, with a reason the customer reads, and takes it back', async () => {
  const { page } = operator
  const dialog = page.getByRole('dialog')
  await chooses('Override access')
  await dialog.getByText('Keep them out').click()
  await dialog.getByLabel('Reason').fill('Under investigation')
  await dialog.locator('[type=submit]').click()
  await dialog.waitFor({ state: 'hidden' })
  const { status, body } = await answered(403)
  expect([status, JSON.stringify(body)]).toEqual([
    403,
    expect.stringContaining('Under investigation'),
  ])
  await operator.expectsSoundPage()

  await chooses('Override access')
  await dialog.getByText('As plan and payment say').click()
  await dialog.locator('[type=submit]').click()
  await dialog.waitFor({ state: 'hidden' })
  expect((await answered(200)).status).toBe(200)
})

test('an operator pauses a subscription until a day, which the page then says', async () => {
  const { page } = operator
  await chooses('Pause No access')
  const dialog = page.getByRole('dialog')
  const day = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10)
  await dialog.getByLabel('Resumes on').fill(day)
  await dialog.getByRole('button', { name: 'Pause subscription' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByText('Paused since').waitFor()
  await operator.expectsSoundPage()
  expect((await answered(403)).status).toBe(403)
})
