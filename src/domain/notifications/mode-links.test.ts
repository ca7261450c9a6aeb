import { expect, test } from 'vitest'
import { letterIn, portalLinkIn } from './mode-links.ts'

const PORTAL = 'https://console.example/portal'
const letter = (url: string) => ({
  subject: 'Subject',
  paragraphs: [],
  action: { label: 'Open', url },
})
const linkOf = (mode: 'test' | 'live', url: string) =>
  letterIn(mode, letter(url), PORTAL).action?.url

test('a link of a mail about test mode says so, before what it points to in the page', () => {
  expect(portalLinkIn('test', `${PORTAL}/keys#budgets`)).toBe(`${PORTAL}/keys?mode=test#budgets`)
  expect(linkOf('test', `${PORTAL}/invoices/invoice_1`)).toBe(
    `${PORTAL}/invoices/invoice_1?mode=test`,
  )
})

test('links of live mode and those that lead elsewhere stay as they are', () => {
  expect(linkOf('live', PORTAL)).toBe(PORTAL)
  expect(linkOf('test', 'https://invoice.stripe.com/i/1')).toBe('https://invoice.stripe.com/i/1')
})
