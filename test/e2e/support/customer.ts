import type { TestBrowser, Visitor } from './browser.ts'

/** Signs in on the portal's own page, as a customer that the tests made. */
export async function signsInAsCustomer(browser: TestBrowser, email: string): Promise<Visitor> {
  const visitor = await browser.visitor()
  const { page } = visitor
  await visitor.opens('/portal/sign-in')
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill('a long enough password')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  return visitor
}
