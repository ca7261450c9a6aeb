import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World } from '../support/world.ts'
import { openBrowser, type TestBrowser, type Visitor } from './support/browser.ts'
import { payByCard } from './support/hosted-checkout.ts'

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

test('a customer signs up, pays for Pro, calls, sees the usage, renews, cancels and loses access at the end', async () => {
  const ada = await browser.visitor()
  const { page } = ada

  await ada.opens('/portal/plans')
  await ada.expectsSoundPage()
  await page.getByRole('link', { name: 'Choose Pro' }).click()
  await signsUp(ada, 'Ada Lovelace')

  await page.getByRole('button', { name: 'Continue with Pro' }).click()
  await page.waitForURL(/\/c\/pay\//)
  await payByCard(page)
  await page.getByRole('heading', { name: 'You are on Pro' }).waitFor()
  await ada.expectsSoundPage()

  const curl = await copiesKeyAndCurl(ada)
  expect((await callAsCopied(curl)).status).toBe(200)
  await page.getByText('It works.').waitFor()

  await page.getByRole('link', { name: 'See your usage' }).click()
  const chart = page.getByRole('figure', { name: 'Requests' })
  await chart.getByText(/^1 request/).waitFor()
  for (const count of [2, 3, 4]) {
    expect((await callAsCopied(curl)).status).toBe(200)
    await chart.getByText(new RegExp(`^${count} requests`)).waitFor({ timeout: 10_000 })
  }
  await ada.expectsSoundPage()

  await world.advance('P1M')
  await ada.opens('/portal/')
  await page.getByRole('meter', { name: 'API requests' }).waitFor()
  expect(await page.getByRole('meter', { name: 'API requests' }).textContent()).toContain(
    '0 of 1,000',
  )
  await ada.expectsSoundPage()
  await page.getByRole('link', { name: 'Invoices' }).first().click()
  const rows = page.getByRole('table', { name: 'Invoices' }).locator('tbody tr')
  await expect.poll(() => rows.count()).toBe(2)
  await ada.expectsSoundPage()
  await rows.first().getByRole('link').click()
  await page.getByRole('table', { name: 'Lines' }).getByText('$29.00').first().waitFor()
  await ada.expectsSoundPage()

  await page.getByRole('link', { name: 'Plan & billing' }).click()
  await page.getByRole('button', { name: 'Cancel plan' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel plan' }).click()
  await page.getByText(/Access until/).waitFor()
  await ada.expectsSoundPage()
  expect((await callAsCopied(curl)).status).toBe(200)

  await world.advance('P1M')
  const refused = await callAsCopied(curl)
  expect([refused.status, await refused.json()]).toMatchObject([
    403,
    { code: 'subscription_ended' },
  ])
  await ada.opens('/portal/billing')
  await page.getByText('ended', { exact: true }).waitFor()
  await ada.expectsSoundPage()
})

test('a declined card is said on the payment page, and what was left can be taken up again', async () => {
  const grace = await browser.visitor()
  const { page } = grace
  await grace.opens('/portal/sign-up')
  await signsUp(grace, 'Grace Hopper')
  await grace.opens('/portal/plans')
  await page.getByRole('button', { name: 'Choose Pro' }).click()
  await page.waitForURL(/\/c\/pay\//)
  await payByCard(page, '4000 0000 0000 0002')
  await page
    .getByText(/declined/i)
    .first()
    .waitFor()
  await page.getByRole('link', { name: /back/i }).first().click()

  await page.getByText('You left the payment page').waitFor()
  await grace.expectsSoundPage()
  await page.getByRole('button', { name: 'Continue with Pro' }).click()
  await page.waitForURL(/\/c\/pay\//)
  await payByCard(page)
  await page.getByRole('heading', { name: 'You are on Pro' }).waitFor()
})

test('every page of a new account is sound and says what to do next', async () => {
  const linus = await browser.visitor()
  const { page } = linus
  await linus.opens('/portal/sign-up')
  await linus.expectsSoundPage()
  await signsUp(linus, 'Linus')
  for (const path of [
    '',
    'quickstart',
    'keys',
    'usage',
    'billing',
    'invoices',
    'settings',
    'plans',
  ]) {
    await linus.opens(`/portal/${path}`)
    await linus.expectsSoundPage()
  }
  expect(await page.title()).toMatch(/^Plans – /)
})

test('the keyboard alone gets past the navigation, chooses a free plan and takes the key', async () => {
  const kay = await browser.visitor()
  const { page } = kay
  await kay.opens('/portal/sign-up')
  await signsUp(kay, 'Kay')
  await kay.opens('/portal/plans')
  await page.getByText('Choose Free').waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.textContent')).toMatch(/skip/i)
  await page.keyboard.press('Enter')
  await tabsTo(kay, 'Choose Free')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Show my API key' }).waitFor()
  await page.keyboard.press('Tab')
  await tabsTo(kay, 'Show my API key')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  await tabsTo(kay, 'checkbox')
  await page.keyboard.press('Space')
  await tabsTo(kay, 'Done')
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
  expect(kay.errors()).toEqual([])
})

async function signsUp({ page }: Visitor, name: string): Promise<void> {
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@example.com`
  await page.getByLabel(/name/i).first().fill(name)
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill('a long enough password')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Name your account' }).waitFor()
  await page.getByLabel('Name').fill(`${name} & Co.`)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL((url) => !url.pathname.endsWith('/welcome'))
  await page.locator('h1').first().waitFor()
}

/** Shows the key once, copies it, and answers the call that then stands ready to copy. */
async function copiesKeyAndCurl({ page }: Visitor): Promise<string> {
  await page.getByRole('button', { name: 'Show my API key' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: /copy/i }).first().click()
  const key = await page.evaluate<string>('navigator.clipboard.readText()')
  expect(key).toMatch(/^fb_test_/)
  await dialog.getByRole('checkbox').check()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await dialog.waitFor({ state: 'hidden' })
  expect(await page.getByRole('button', { name: 'Show my API key' }).count()).toBe(0)

  await page.getByRole('button', { name: /^copy/i }).last().click()
  const curl = await page.evaluate<string>('navigator.clipboard.readText()')
  expect(curl).toContain(key)
  return curl
}

/** What a terminal would do with the line. */
function callAsCopied(curl: string): Promise<Response> {
  const [, url = '', name = '', value = ''] =
    /^curl "([^"]+)" \\\s+-H "([^:]+): ([^"]+)"$/.exec(curl) ?? []
  return fetch(url, { headers: { [name]: value } })
}

/** Presses Tab until what is focused says so, or is a control of that role. */
async function tabsTo({ page }: Visitor, name: string): Promise<void> {
  const seen: string[] = []
  while (seen.length < 40) {
    const focused = await page.evaluate<string>(FOCUSED)
    if (focused === name) return
    seen.push(focused)
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach “${name}”, only: ${seen.join(', ')}`)
}

const FOCUSED = `(() => {
  const { role, textContent, ariaLabel } = document.activeElement
  return role === 'checkbox' ? role : ariaLabel || textContent.trim()
})()`
