import { afterAll, beforeAll, expect, test } from 'vitest'
import { SECOND_MS } from '../../src/kit/instant.ts'
import { type BackOffice, openBackOffice } from '../support/back-office.ts'
import { control } from '../support/simulator-control.ts'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice()
})
afterAll(() => office.close())

test('a process that goes on in the middle of a journey misses nothing that Stripe tells for thirty days only', async () => {
  const { domain, advance, stripe, settle } = office
  const ada = await office.customer('Ada')
  await ada.subscribes('pro')
  await settle()
  const subscription = await domain.subscriptions.findOpen('test', ada.id)
  const endsAt = subscription?.currentPeriod?.endsAt
  if (endsAt === undefined) throw new Error('No subscription')
  // Whoever travelled saw the renewal begin and died before its invoice was final.
  const now = domain.clocks.now('test')
  const by = Math.ceil((endsAt - now) / SECOND_MS + 5) * SECOND_MS
  await control(office, '/_sim/clock', { by: by / SECOND_MS })
  await domain.clocks.setTestOffset(by)
  await settle()

  await advance('P33D')

  const { data } = await stripe.invoices.list({ customer: ada.stripeCustomerId })
  expect(data.map(({ status }) => status)).toEqual(['paid', 'paid', 'paid'])
  const { left } = await domain.reconcile.customer(office.caller, ada.id, true)
  expect(left).toEqual([])
})
