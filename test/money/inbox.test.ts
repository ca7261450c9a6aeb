import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackOffice, openBackOffice } from '../support/back-office.ts'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
})
afterAll(() => office.close())

test('a purchase leads to one subscription, one paid invoice and one payment, whatever number of events tell of it', async () => {
  const ada = await office.customer('Ada')
  expect(await ada.subscribes('pro')).toBe(200)
  await office.settle()

  const { data: payments } = await office.domain.payments.list(
    'test',
    { customerId: ada.id },
    { limit: 10 },
  )
  expect(payments).toMatchObject([
    {
      state: 'succeeded',
      amount: { amountMinor: 2900n, currency: 'usd' },
      capturedMinor: 2900n,
      fee: { amountMinor: 114n, currency: 'usd' },
    },
  ])
})
