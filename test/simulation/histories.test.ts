import { expect, test } from 'vitest'
import { AppError } from '../../src/errors.ts'
import { isUsable, lifecycleAt } from '../../src/domain/subscriptions/subscription.ts'
import { type BackOffice, openBackOffice, type Payer } from '../support/back-office.ts'
import { arrangeCallFault, control } from '../support/simulator-control.ts'
import { type Chance, createChance } from './chance.ts'

/**
 * Years in the lives of customers who subscribe, cancel, come back, cannot pay, are refunded and dispute, while answers of
 * Stripe get lost and its events come twice and in any order. At the end every cent is where Stripe says it is.
 */
const CUSTOMERS = 4
const STEPS = 30
const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 1)
const SEED = Number(process.env['SIMULATION_SEED'] ?? 20_261_120)

/** What business as usual refuses, and an answer that got lost: the history goes on without it. */
function isExpected(error: unknown): boolean {
  if (!(error instanceof AppError)) return false
  return error.code === 'stripe_unavailable' || (error.status < 500 && error.status !== 404)
}

const GOOD = 'pm_card_visa'
const BAD = 'pm_card_chargeCustomerFail'

interface Life {
  readonly office: BackOffice
  readonly chance: Chance
  readonly payers: readonly Payer[]
  readonly told: string[]
}

async function subscribe({ office, chance }: Life, payer: Payer): Promise<string> {
  const card = chance.pick([GOOD, GOOD, GOOD, 'pm_card_createDispute'])
  const status = await payer.subscribes(chance.pick(['pro', 'payg']), card)
  await office.settle()
  return `subscribe with ${card}: ${status}`
}

async function cancel({ office, chance }: Life, payer: Payer): Promise<string> {
  const open = await office.domain.subscriptions.findOpen('test', payer.id)
  if (open === undefined || open.engine === 'offline') return 'nothing to cancel'
  const timing = chance.pick(['default', 'now'] as const)
  await office.domain.cancellations.cancel(office.caller, open.id, timing)
  return `cancel ${timing}`
}

async function resume({ office }: Life, payer: Payer): Promise<string> {
  const open = await office.domain.subscriptions.findOpen('test', payer.id)
  if (open === undefined || open.engine === 'offline') return 'nothing to resume'
  await office.domain.cancellations.resume(office.caller, open.id)
  return 'resume'
}

/** Up or down, now or later, whatever the plans make of it. */
async function changePlan({ office, chance }: Life, payer: Payer): Promise<string> {
  const open = await office.domain.subscriptions.findOpen('test', payer.id)
  if (open === undefined || open.engine === 'offline') return 'nothing to change'
  const { changes } = office.domain
  const planKey = chance.pick(['pro', 'scale'])
  const preview = await changes.preview(office.caller, open.id, {
    planKey,
    planVersion: null,
    timing: 'auto',
  })
  const { state } = await changes.execute(office.caller, open.id, preview.change.id)
  return `to ${planKey}: ${state}`
}

async function changeCard({ chance }: Life, payer: Payer): Promise<string> {
  const card = chance.pick([GOOD, BAD])
  await payer.changesCard(card)
  return `card ${card}`
}

async function refund({ office, chance }: Life, payer: Payer): Promise<string> {
  const { data } = await office.domain.payments.list('test', { customerId: payer.id }, { limit: 5 })
  const [payment] = chance.shuffle(data)
  if (payment === undefined) return 'nothing to refund'
  if (chance.next() < 0.3) await loseAnswers(office, '/v1/refunds')
  const { state, amount } = await office.domain.refunds.request(office.caller, payment.id, {
    amountMinor: chance.next() < 0.5 ? null : BigInt(1 + chance.below(1_000)),
    reason: 'customer_request',
    note: null,
    accessEffect: 'none',
    creditEffect: 'none',
    issueCreditNote: chance.next() < 0.3,
  })
  return `refund ${amount.amountMinor}: ${state}`
}

async function settleDispute({ office, chance }: Life, payer: Payer): Promise<string> {
  const filter = { customerId: payer.id, isOpen: true }
  const { data } = await office.domain.disputes.list('test', filter, { limit: 1 })
  const [dispute] = data
  if (dispute === undefined) return 'nothing in dispute'
  const outcome = chance.pick(['won', 'lost'])
  await control(office, `/_sim/disputes/${dispute.stripeDisputeId}`, { outcome })
  return `dispute ${outcome}`
}

async function timePasses({ office, chance }: Life): Promise<string> {
  const by = chance.pick(['P3D', 'P10D', 'P20D', 'P1M'])
  await office.advance(by)
  return `advance ${by}`
}

/** Stripe tells again what it told before, and in another order. */
async function echo({ office, chance }: Life): Promise<string> {
  const { data } = await office.domain.inbox.list('test', {}, { limit: 100 })
  const again = chance.shuffle(data).slice(0, 25)
  for (const { id } of again) await office.domain.inbox.replay(office.caller, id)
  await office.settle()
  return `${again.length} events again`
}

/** The next answer, and those of the client's own retries, never arrive. */
async function loseAnswers(office: BackOffice, path: string): Promise<void> {
  await arrangeCallFault(office, { kind: 'lost_response', method: 'POST', path, next: 4 })
}

const DEEDS = [
  subscribe,
  subscribe,
  cancel,
  resume,
  changePlan,
  changePlan,
  changeCard,
  changeCard,
  refund,
  refund,
  settleDispute,
  timePasses,
  timePasses,
  timePasses,
  echo,
]

async function live(life: Life): Promise<void> {
  const { chance, payers, told, office } = life
  for (let step = 0; step < STEPS; step++) {
    const deed = chance.pick(DEEDS)
    const payer = chance.pick(payers)
    try {
      told.push(`${step} ${deed.name}: ${await deed(life, payer)}`)
    } catch (error) {
      if (!isExpected(error)) throw error
      told.push(`${step} ${deed.name}: ${error instanceof AppError ? error.code : ''}`)
    }
    if (chance.next() < 0.7) await office.settle()
  }
  await control(office, '/_sim/faults/clear', {})
  await office.settle()
  await office.domain.refunds.resolve('test', office.domain.clocks.now('test') + 1, 100)
  await office.settle()
}

async function judge({ office, payers }: Life): Promise<void> {
  const { domain, stripe } = office
  for (const payer of payers) {
    const { left } = await domain.reconcile.customer(office.caller, payer.id, true)
    expect(left, 'both sides say the same').toEqual([])

    const page = { limit: 100 }
    const { data: ours } = await domain.payments.list('test', { customerId: payer.id }, page)
    const charges = await stripe.charges.list({ customer: payer.stripeCustomerId, limit: 100 })
    const sum = (amounts: readonly bigint[]) => amounts.reduce((total, each) => total + each, 0n)
    expect(sum(ours.map(({ capturedMinor }) => capturedMinor))).toBe(
      sum(charges.data.map((charge) => BigInt(charge.amount_captured))),
    )
    expect(sum(ours.map(({ refundedMinor }) => refundedMinor))).toBe(
      sum(charges.data.map((charge) => BigInt(charge.amount_refunded))),
    )
    for (const payment of ours) {
      const given = await domain.refunds.ofPayment('test', payment.id)
      const back = given.filter(({ state }) => state === 'succeeded')
      expect(sum(back.map(({ amount }) => amount.amountMinor))).toBe(payment.refundedMinor)
      expect(payment.refundedMinor <= payment.capturedMinor).toBe(true)
    }

    const { data: invoices } = await domain.billing.list('test', { customerId: payer.id }, page)
    for (const { id, totalMinor } of invoices) {
      const { lines } = await domain.billing.get('test', id)
      const explained = sum(lines.map(({ amountMinor }) => amountMinor))
      expect(explained, 'every cent of an invoice stands on a line').toBe(totalMinor)
    }

    const customer = await payer.customer()
    const open = await domain.subscriptions.findOpen('test', payer.id)
    const live = await stripe.subscriptions.list({ customer: payer.stripeCustomerId, limit: 10 })
    const isPaidFor = live.data.some(({ status }) => status !== 'incomplete')
    const hasPaidPlan = open !== undefined && open.engine !== 'offline'
    if (hasPaidPlan && isUsable(lifecycleAt(open, domain.accounts.now(customer)))) {
      expect(isPaidFor, 'nobody has access without right').toBe(true)
    }
  }
  const backlog = await domain.inbox.backlog('test')
  expect(backlog, 'nothing is left to be heard').toEqual([])
  expect(await domain.audit.verify('test'), 'the audit chain holds').toBeUndefined()
}

test.each(Array.from({ length: RUNS }, (_, run) => SEED + run))(
  'whatever happens, every cent is explained and agrees with Stripe (seed %i)',
  async (seed) => {
    const office = await openBackOffice()
    const chance = createChance(seed)
    const payers: Payer[] = []
    for (let n = 0; n < CUSTOMERS; n++) payers.push(await office.customer(`customer${n}`))
    const life: Life = { office, chance, payers, told: [] }
    try {
      await live(life)
      await judge(life)
    } catch (error) {
      throw new Error(`Seed ${seed}:\n${life.told.join('\n')}`, { cause: error })
    } finally {
      await office.close()
    }
  },
)
