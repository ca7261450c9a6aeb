import type { World } from '../../support/world.ts'
import type { TestBrowser, Visitor } from './browser.ts'

interface Account {
  readonly email: string
  readonly password: string
}

/** Signs in on the admin center's own page; without an account named, as the first operator. */
export async function signsInAsOperator(
  browser: TestBrowser,
  { running }: World,
  account: Account | undefined = running.operator,
): Promise<Visitor> {
  const visitor = await browser.visitor()
  const { page } = visitor
  const { email = '', password = '' } = account ?? {}
  await visitor.opens('/admin/')
  await visitor.expectsSoundPage()
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Home' }).waitFor()
  return visitor
}
