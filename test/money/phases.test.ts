import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackOffice, openBackOffice } from '../support/back-office.ts'
import { testDatabase } from '../support/database.ts'
import { aFee, aPlan } from '../support/plans.ts'

let office: BackOffice
beforeAll(async () => {
  office = await openBackOffice({ database: await testDatabase() })
})
afterAll(() => office.close())

test.each(['stripe_invoice', 'offline'] as const)(
  'an introductory price of two months is charged for two months by the engine %s, and the list price then',
  async (engine) => {
    const { domain, caller } = office
    const definition = aPlan({
      engine,
      isPaymentMethodRequired: engine !== 'offline',
      phases: [
        { key: 'intro', name: 'Intro', duration: 'P2M', rateCards: [aFee('9.00')] },
        { key: 'main', name: 'Main', duration: null, rateCards: [aFee('29.00')] },
      ],
    })
    await domain.catalog.createPlan(caller, { key: engine, isDefault: false, definition })
    await domain.publishing.publish(caller, engine)
    const payer = await office.customer(`payer_${engine}`)
    expect(await payer.subscribes(engine)).toBe(200)
    await office.settle()

    for (let month = 0; month < 3; month++) await office.advance('P1M')

    const { data } = await domain.billing.list('test', { customerId: payer.id }, { limit: 9 })
    expect(data.toReversed().map(({ totalMinor }) => totalMinor)).toEqual([
      900n,
      900n,
      2_900n,
      2_900n,
    ])
    expect(await domain.subscriptions.findOpen('test', payer.id)).toMatchObject({
      phaseKey: 'main',
    })
  },
  120_000,
)
