import type { Page } from 'playwright-core'

/** Fills in the payment provider's page as a customer does, and sends it. */
export async function payByCard(page: Page, number = '4242 4242 4242 4242'): Promise<void> {
  await page.getByRole('textbox', { name: /card number/i }).fill(number)
  await page.getByRole('textbox', { name: /expir/i }).fill('12 / 40')
  await page.getByRole('textbox', { name: /cvc|security code/i }).fill('123')
  const name = page.getByRole('textbox', { name: /name on card|cardholder/i })
  if (await name.isVisible()) await name.fill('Ada Lovelace')
  await page.getByRole('button', { name: /^(subscribe|pay|start trial|save)/i }).click()
}
