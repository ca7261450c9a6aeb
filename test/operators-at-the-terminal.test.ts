import { afterAll, beforeAll, expect, test } from 'vitest'
import { farebox } from './support/cli.ts'
import { until } from './support/until.ts'
import { openWorld, type World } from './support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

test('a payment is given back from the terminal, after showing what it would do', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('pro')
  const listed = await until(
    () => farebox(world, `payments list --customer ${ada.customerId}`),
    ({ out }) => out.includes('succeeded'),
  )
  const payment = /payment_\w+/.exec(listed.out)?.[0] ?? ''

  const shown = await farebox(world, `refunds create ${payment} --amount 10.00 --dry-run`)
  const unasked = await farebox(world, `refunds create ${payment} --amount 10.00`)
  const made = await farebox(world, `refunds create ${payment} --amount 10.00 --yes`)
  const refunds = await farebox(world, `refunds list --customer ${ada.customerId}`)
  const tooMuch = await farebox(world, `refunds create ${payment} --amount 20.00 --yes`)

  expect(shown.out).toBe('Would give back $10.00 of $29.00.\n')
  expect(unasked.code).toBe(2)
  expect(made.out).toContain('$10.00')
  expect(refunds.out.match(/\$10\.00/g)).toHaveLength(1)
  expect(tooMuch.code).toBe(1)
  expect((await farebox(world, 'disputes list')).err).toBe('There is no dispute.\n')
})

test('a customer is made, suspended and reinstated at the terminal', async () => {
  const made = await farebox(world, 'customers create Acme --email acme@example.com')
  const id = /customer_\w+/.exec(made.out)?.[0] ?? ''

  expect((await farebox(world, `customers suspend ${id} --note abuse`)).out).toContain('operator')
  expect((await farebox(world, `customers reinstate ${id}`)).out).toMatch(/suspended\s+no/)
})
