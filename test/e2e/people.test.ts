import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'
import { openBrowser, type TestBrowser, type Visitor } from './support/browser.ts'

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

async function signsUp({ page }: Visitor, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Email').fill(`${name.toLowerCase()}@example.com`)
  await page.getByLabel('Password', { exact: true }).fill('a long enough password')
  await page.keyboard.press('Enter')
}

async function linkFor(address: string): Promise<string> {
  const link = await until(
    async () => {
      const { data } = await world.operator.get('/api/v1/mailbox')
      const texts = data.filter(({ to }) => to === address).map(({ text }) => text)
      return texts.map((text) => /\/portal\/join\/\w+/.exec(text)?.[0]).find(Boolean)
    },
    (found) => found !== undefined,
  )
  return link ?? ''
}

test('an owner invites somebody, who joins by the link, gets another role and is removed', async () => {
  const ada = await browser.visitor()
  await ada.opens('/portal/sign-up')
  await signsUp(ada, 'Ada')
  await ada.page.getByRole('button', { name: 'Continue' }).click()
  await ada.page.getByRole('heading', { name: 'Overview' }).waitFor()
  await ada.opens('/portal/settings')
  await ada.page.getByRole('button', { name: 'Invite' }).click()
  await ada.page.getByLabel('Email').last().fill('grace@example.com')
  await ada.expectsSoundPage()
  await ada.page.getByRole('button', { name: 'Send invitation' }).click()
  await ada.page.getByRole('table', { name: 'Invited' }).getByText('grace@example.com').waitFor()
  await ada.expectsSoundPage()

  const grace = await browser.visitor()
  const link = await linkFor('grace@example.com')
  await grace.opens(link)
  await grace.page.getByRole('link', { name: 'Create an account' }).click()
  await signsUp(grace, 'Grace')
  await grace.page.getByRole('heading', { name: 'Join Ada' }).waitFor()
  await grace.expectsSoundPage()
  await grace.page.getByRole('button', { name: 'Join Ada' }).click()
  await grace.page.getByRole('heading', { name: 'Overview' }).waitFor()
  await grace.opens('/portal/settings')
  expect(await grace.page.getByRole('table', { name: 'People' }).textContent()).toContain(
    'Developer',
  )
  await grace.opens(link)
  await grace.page.getByText('It has been accepted already.').waitFor()

  await ada.page.reload()
  const people = ada.page.getByRole('table', { name: 'People' })
  await people.getByRole('button', { name: 'Actions for Grace' }).click()
  await ada.page.getByRole('menuitem', { name: 'Change role' }).click()
  await ada.page.getByRole('combobox').last().click()
  await ada.page.getByRole('option', { name: 'Viewer' }).click()
  await ada.page.getByRole('button', { name: 'Change role' }).click()
  await people.getByText('Viewer').waitFor()
  await people.getByRole('button', { name: 'Actions for Grace' }).click()
  await ada.page.getByRole('menuitem', { name: 'Remove' }).click()
  await ada.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
  await people.getByText('grace@example.com').waitFor({ state: 'detached' })
  expect(ada.errors()).toEqual([])
})
