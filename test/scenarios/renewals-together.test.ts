import { afterAll, beforeAll, expect, test } from 'vitest'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.sells(
    'agreed',
    monthly('Agreed', [
      fee('29.00'),
      priced(
        'requests',
        { type: 'unit', amount: '0.01' },
        { commitments: { usd: { minimum: '0.05' } } },
      ),
    ]),
  )
})
afterAll(() => world.close())

// Each renews a moment after the one before: while one is looked at, the time of the next comes.
test('customers who renew seconds apart all have on their invoice what Stripe has no words for', async () => {
  const names = ['Ada', 'Bob', 'Cleo', 'Dan', 'Eve', 'Fay']
  const customers = []
  for (const name of names) {
    const customer = await world.customer(name)
    await customer.subscribes('agreed')
    customers.push(customer)
  }
  for (const customer of customers) await customer.callsTimes(4)

  await world.advance('P1M')

  for (const customer of customers) {
    const [, renewal] = await until(
      () => customer.invoices(),
      (invoices) => invoices.length === 2 && invoices.every((invoice) => invoice.includes('paid')),
    )
    expect(renewal).toMatch(/^2905 usd paid/)
  }
})
