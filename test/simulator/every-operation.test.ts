import { afterAll, beforeAll, expect, test } from 'vitest'
import { EVENT_OBJECTS } from '../../src/simulator/wire/stripe-tables.generated.ts'
import { type Receiver, startReceiver, useSimulator } from './support.ts'
import { walkCatalog, walkCustomers } from './walk/catalog.ts'
import { walkEvents, walkHosted } from './walk/hosted.ts'
import { walkCreditNotes, walkInvoices } from './walk/invoices.ts'
import { walkAfterSales, walkPayments, walkSetups } from './walk/payments.ts'
import { listedOperations, problemsOfWebhook, startWalk, type Walk } from './walk/recorder.ts'
import { walkDunning, walkSchedules, walkSubscriptions } from './walk/subscriptions.ts'
import { walkUsage } from './walk/usage.ts'

// The answers are checked here, as they arrive; the simulator's own check stays out of it.
const simulator = useSimulator({ checksShapes: false })

let walk: Walk
let receiver: Receiver

beforeAll(async () => {
  receiver = await startReceiver()
  walk = startWalk(simulator, 'sk_test_walk')
  await walk.stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] })
})
afterAll(() => receiver.close())

test.each([
  ['the catalog', walkCatalog],
  ['customers', walkCustomers],
  ['payments', walkPayments],
  ['setups', walkSetups],
  ['refunds and disputes', walkAfterSales],
  ['subscriptions', walkSubscriptions],
  ['dunning', walkDunning],
  ['schedules', walkSchedules],
  ['invoices', walkInvoices],
  ['credit notes', walkCreditNotes],
  ['usage and credits', walkUsage],
  ['hosted pages', walkHosted],
  ['events', walkEvents],
])('every answer about %s agrees with the specification', async (_, chapter) => {
  await chapter(walk)
  expect(walk.problems.splice(0)).toEqual([])
})

/** Charges are made by payment intents here, and theirs are captured there. */
const ALWAYS_REFUSED = ['POST /v1/charges/{id}/capture']

test('no operation that is listed was left out of the walk', () => {
  expect(listedOperations.filter((key) => !walk.succeeded.has(key))).toEqual(ALWAYS_REFUSED)
})

/** What the simulator has no cause to send. */
const NEVER_SENT: Readonly<Record<string, readonly string[]>> = {
  'there are no connected accounts': [
    'account.external_account.created',
    'account.external_account.deleted',
    'account.external_account.updated',
    'account.updated',
  ],
  'only bank transfers bring part of the money, or too much of it': [
    'balance.available',
    'invoice.overpaid',
    'payment_intent.partially_funded',
  ],
  'nobody outside updates cards, tax ids and warnings': [
    'customer.source.expiring',
    'customer.tax_id.updated',
    'payment_method.automatically_updated',
    'radar.early_fraud_warning.updated',
  ],
  'they are for automations and custom payment methods': [
    'invoice.payment_attempt_required',
    'invoice.will_be_due',
  ],
  'it would be a bug': ['test_helpers.test_clock.internal_failure'],
}

test('every webhook body agrees with the specification, and each event has been delivered', async () => {
  await walk.control('/_sim/flush')
  const types: string[] = []
  for await (const event of walk.stripe.events.list({ limit: 100 })) types.push(event.type)

  expect(receiver.received.flatMap(({ body }) => problemsOfWebhook(body))).toEqual([])
  expect(receiver.received).toHaveLength(types.length)
  expect(Object.keys(EVENT_OBJECTS).filter((type) => !types.includes(type))).toEqual(
    Object.values(NEVER_SENT).flat().sort(),
  )
})
