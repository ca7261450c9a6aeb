import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import { testCardNumbers } from '../../src/simulator/payments/test-cards.ts'
import { openPage, readPage, submit } from './pages-support.ts'
import { createPrice, useSimulator } from './support.ts'

const simulator = useSimulator()

async function openCheckout(stripe: Stripe, mode: 'payment' | 'setup'): Promise<string> {
  const price = await createPrice(stripe, 1_500, { recurring: undefined as never })
  const { url } = await stripe.checkout.sessions.create({
    mode,
    ...(mode === 'payment'
      ? { line_items: [{ price: price.id, quantity: 1 }] }
      : { currency: 'usd' }),
    success_url: 'https://example.com/done',
  })
  return url ?? ''
}

/** Pays with a card; what it comes to: the words of a refusal, `challenge` or `paid`. */
async function outcomeOf(url: string, cardNumber: string): Promise<string> {
  const response = await submit(url, {
    email: 'ada@example.com',
    cardNumber,
    cardExpiry: '12 / 34',
    cardCvc: '123',
    billingName: 'Ada Lovelace',
    action: 'pay',
  })
  const location = response.headers.get('location')
  if (location === null) {
    const { html } = await readPage(response, url)
    return /role="alert"[^>]*>\s*([^<]*?)\s*</.exec(html)?.[1]?.replaceAll('&#39;', "'") ?? ''
  }
  return location.startsWith('/authenticate/') ? 'challenge' : 'paid'
}

test.each([
  ['4242424242424242', 'paid'],
  ['5555555555554444', 'paid'],
  ['378282246310005', 'paid'],
  ['6011111111111117', 'paid'],
  ['4000000000000002', 'Your card was declined.'],
  ['4000000000009995', 'Your card has insufficient funds.'],
  ['4000000000009987', 'Your card was declined.'],
  ['4000000000009979', 'Your card was declined.'],
  ['4000000000000069', 'Your card has expired.'],
  ['4000000000000127', "Your card's security code is incorrect."],
  ['4000000000000119', 'An error occurred while processing your card. Try again in a little bit.'],
  [
    '4000000000006975',
    'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
  ],
  ['4000000000000341', 'Your card was declined.'],
  ['4000002500003155', 'challenge'],
  ['4000002760003184', 'challenge'],
  ['4000003800000446', 'challenge'],
  ['4000000000003220', 'challenge'],
  ['4000008400001629', 'challenge'],
  ['4000008260003178', 'challenge'],
  ['4000000000003055', 'paid'],
  ['4000000000000259', 'paid'],
  ['4000000000002685', 'paid'],
  ['4000000000001976', 'paid'],
  ['4000000000005423', 'paid'],
  ['4000000000007726', 'paid'],
  ['4000000000005126', 'paid'],
  ['4100000000000019', 'Your card was declined.'],
])('the card %s at a checkout: %s', async (number, outcome) => {
  const url = await openCheckout(simulator.stripe(), 'payment')

  expect(await outcomeOf(url, number)).toBe(outcome)
})

test.each([
  ['4000000000000341', 'paid'],
  ['4000000000009995', 'Your card has insufficient funds.'],
  ['4000002500003155', 'challenge'],
])('the card %s when it is only saved: %s', async (number, outcome) => {
  const url = await openCheckout(simulator.stripe(), 'setup')

  expect(await outcomeOf(url, number)).toBe(outcome)
})

test('a card that declines after its challenge says so where it was entered', async () => {
  const url = await openCheckout(simulator.stripe(), 'payment')
  const sent = await submit(url, {
    email: 'ada@example.com',
    fill: '4000 0082 6000 3178',
  })
  const challenge = await (await readPage(sent, url)).send({ action: 'pay' })

  const back = await submit(`${simulator.url}${challenge.headers.get('location')}`, {
    outcome: 'complete',
  })

  const { html } = await openPage(`${simulator.url}${back.headers.get('location')}`)
  expect(html).toMatch(/role="alert"[^>]*>\s*Your card has insufficient funds\./)
  // What was typed before the challenge is still there, except for the card.
  expect(html).toContain('value="ada@example.com"')
  expect(html).toContain('value="Jenny Rosen"')
})

test('every example on the page is a test card, and fills in what its brand needs', async () => {
  const url = await openCheckout(simulator.stripe(), 'payment')
  const { html } = await openPage(url)

  const offered = [...html.matchAll(/name="fill"\s+value="([\d ]+)"/g)].map(([, number]) =>
    (number ?? '').replaceAll(' ', ''),
  )

  expect(offered.length).toBeGreaterThan(20)
  expect(new Set(offered).size).toBe(offered.length)
  expect(testCardNumbers()).toEqual(expect.arrayContaining(offered))
  const amex = await submit(url, { email: 'ada@example.com', fill: '3782 822463 10005' })
  const paid = await (await readPage(amex, url)).send({ action: 'pay' })
  expect(paid.headers.get('location')).toBe('https://example.com/done')
})
