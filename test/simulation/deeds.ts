import { Stripe } from 'stripe'
import { AppError } from '../../src/errors.ts'
import { decimal } from '../../src/kit/decimal.ts'
import { type BackOffice, type Payer, payOnPage } from '../support/back-office.ts'
import { CREDITS } from '../support/credit-pack.ts'
import { arrangeCallFault, control } from '../support/simulator-control.ts'
import type { Chance } from './chance.ts'

const PLANS = ['pro', 'payg', 'scale', 'billed_here']
const GOOD = 'pm_card_visa'
const BAD = 'pm_card_chargeCustomerFail'

/** What was accepted of somebody: has to be found again at the end, once. */
export interface Expected {
  usage: number
  burned: number
}

export interface Scene {
  readonly office: BackOffice
  readonly payer: Payer
  readonly chance: Chance
  readonly expected: Expected
  /** Different for each step, and the same when it is tried again. */
  readonly id: string
}

/** Something that happens; answers what became of it. */
export interface Deed {
  readonly name: string
  /** Whoever does it does it again, under the same id, until it is answered. */
  readonly isRepeated?: boolean
  (scene: Scene): Promise<string>
}

const isCutOff = (error: unknown): boolean =>
  error instanceof TypeError && error.message === 'fetch failed'

/** What business as usual refuses, and an answer that got lost: the history goes on without it. */
export function isExpected(error: unknown): boolean {
  // What gets lost hits customers on Stripe's pages like everybody else.
  if (error instanceof Stripe.errors.StripeError || isCutOff(error)) return true
  if (!(error instanceof AppError)) return false
  return error.code === 'stripe_unavailable' || (error.status < 500 && error.status !== 404)
}

export async function openPaid({ office, payer }: Scene) {
  const open = await office.domain.subscriptions.findOpen('test', payer.id)
  return open === undefined || open.engine === 'offline' ? undefined : open
}

async function subscribe({ payer, chance }: Scene): Promise<string> {
  const card = chance.pick([GOOD, GOOD, GOOD, 'pm_card_createDispute', BAD])
  const plan = chance.pick(PLANS)
  return `${plan} with ${card}: ${await payer.subscribes(plan, card)}`
}

async function cancel(scene: Scene): Promise<string> {
  const open = await openPaid(scene)
  if (open === undefined) return 'nothing'
  const timing = scene.chance.pick(['default', 'now'] as const)
  await scene.office.domain.cancellations.cancel(scene.office.caller, open.id, timing)
  return timing
}

async function resume(scene: Scene): Promise<string> {
  const open = await openPaid(scene)
  if (open === undefined) return 'nothing'
  await scene.office.domain.cancellations.resume(scene.office.caller, open.id)
  return 'resumed'
}

/** Up or down, now or later, whatever the plans make of it. */
async function changePlan(scene: Scene): Promise<string> {
  const open = await openPaid(scene)
  if (open === undefined) return 'nothing'
  const { office, chance } = scene
  const { changes } = office.domain
  const planKey = chance.pick(PLANS)
  const wish = { planKey, planVersion: null, timing: 'auto' } as const
  const preview = await changes.preview(office.caller, open.id, wish)
  const { state } = await changes.execute(office.caller, open.id, preview.change.id)
  return `to ${planKey}: ${state}`
}

async function changeCard({ payer, chance }: Scene): Promise<string> {
  const card = chance.pick([GOOD, GOOD, BAD])
  await payer.changesCard(card)
  return card
}

async function decline({ office, payer, chance }: Scene): Promise<string> {
  const next = 1 + chance.below(3)
  await control(office, '/_sim/declines', { next, customer: payer.stripeCustomerId })
  return `the next ${next}`
}

/** A card that works, and whatever is open is tried with it at once. */
async function recover({ office, payer }: Scene): Promise<string> {
  await control(office, '/_sim/declines/clear', {})
  await payer.changesCard(GOOD)
  const { data } = await office.stripe.invoices.list({
    customer: payer.stripeCustomerId,
    status: 'open',
  })
  for (const { id } of data) await office.stripe.invoices.pay(id)
  return `${data.length} paid`
}

async function refund({ office, payer, chance }: Scene): Promise<string> {
  const { data } = await office.domain.payments.list('test', { customerId: payer.id }, { limit: 5 })
  const [payment] = chance.shuffle(data)
  if (payment === undefined) return 'nothing'
  const { state, amount } = await office.domain.refunds.request(office.caller, payment.id, {
    amountMinor: chance.next() < 0.5 ? null : BigInt(1 + chance.below(1_000)),
    reason: 'customer_request',
    note: null,
    accessEffect: chance.pick(['none', 'none', 'cancel_at_period_end', 'cancel_now'] as const),
    creditEffect: chance.pick(['none', 'void_unburned'] as const),
    issueCreditNote: chance.next() < 0.3,
  })
  return `${amount.amountMinor}: ${state}`
}

async function settleDispute({ office, payer, chance }: Scene): Promise<string> {
  const filter = { customerId: payer.id, isOpen: true }
  const { data } = await office.domain.disputes.list('test', filter, { limit: 1 })
  const [dispute] = data
  if (dispute === undefined) return 'nothing'
  const outcome = chance.pick(['won', 'lost'])
  await control(office, `/_sim/disputes/${dispute.stripeDisputeId}`, { outcome })
  return outcome
}

/** As a producer of usage events does it: sent again under its id until it is answered. */
async function use({ office, payer, chance, expected, id }: Scene): Promise<string> {
  const count = 1 + chance.below(40)
  const events = Array.from({ length: count }, (_, n) => ({
    source: 'simulation',
    id: `${id}_${n}`,
    type: 'request',
    time: null,
    subject: payer.id,
    subscriptionId: null,
    data: {},
  }))
  const results = await office.domain.ingest.take('test', events, events, false)
  const taken = results.filter(({ state }) => state === 'counted' || state === 'duplicate').length
  expected.usage += taken
  return `${taken} of ${count}`
}
use.isRepeated = true

async function buyCredits({ office, payer, chance }: Scene): Promise<string> {
  const { checkoutUrl } = await office.domain.creditPurchases.buy(office.caller, {
    customerId: payer.id,
    packKey: 'hundred',
    quantity: 1 + chance.below(3),
    returnUrl: 'http://console.test/credits?{purchase}',
  })
  if (checkoutUrl === null) return 'no page'
  return String(await payOnPage(office.simulatorUrl, checkoutUrl, GOOD))
}

async function burnCredits({ office, payer, chance, expected, id }: Scene): Promise<string> {
  const amount = 1 + chance.below(150)
  await office.domain.credits.consume(office.caller, payer.id, {
    unit: CREDITS,
    amount: decimal(amount.toString()),
    featureKey: null,
    reference: id,
  })
  expected.burned += amount
  return String(amount)
}
burnCredits.isRepeated = true

async function timePasses({ office, chance }: Scene): Promise<string> {
  const by = chance.pick(['P3D', 'P10D', 'P20D', 'P1M'])
  await office.advance(by)
  return by
}

/** Stripe tells again what it told before, and in another order. */
async function echo({ office, chance }: Scene): Promise<string> {
  const { data } = await office.domain.inbox.list('test', {}, { limit: 100 })
  const again = chance.shuffle(data).slice(0, 25)
  for (const { id } of again) await office.domain.inbox.replay(office.caller, id)
  return `${again.length} events again`
}

/** The next answer, and those of the client's own retries, never arrive. */
async function loseAnswers({ office, chance }: Scene): Promise<string> {
  const kind = chance.pick(['lost_response', 'lost_request', 'server_error', 'conflict'])
  const next = chance.pick([1, 4])
  await arrangeCallFault(office, { kind, method: 'POST', path: '/v1/**', next })
  return `${next} times ${kind}`
}

/** What webhooks do on bad days: come twice, late, in another order, or not at all. */
async function badWebhooks({ office, chance }: Scene): Promise<string> {
  const next = 1 + chance.below(20)
  const fault = chance.pick([
    { copies: 1 + chance.below(3), delay_ms: 30, next },
    { copies: 3, next },
    { drop: true, next },
    { drop: true, next },
  ])
  await control(office, '/_sim/faults/webhooks', fault)
  if (chance.next() < 0.5) {
    await control(office, '/_sim/faults/webhooks/reorder', { window: 8, next: 40 })
  }
  return JSON.stringify(fault)
}

/** What happens often is there several times. */
export const DEEDS: readonly Deed[] = [
  [subscribe, subscribe, subscribe, cancel, resume],
  [changePlan, changePlan, changeCard, decline, recover],
  [refund, settleDispute, use, use, use, buyCredits, burnCredits],
  [timePasses, timePasses, timePasses, timePasses, echo, loseAnswers, badWebhooks, badWebhooks],
].flat()
