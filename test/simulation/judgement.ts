import type { Stripe } from 'stripe'
import { expect } from 'vitest'
import { stepAt } from '../../src/domain/entitlements/access.ts'
import { isUsable, lifecycleAt } from '../../src/domain/subscriptions/subscription.ts'
import { DAY_MS } from '../../src/kit/instant.ts'
import type { BackOffice, Payer } from '../support/back-office.ts'
import { idOf } from '../support/stripe-id.ts'
import { CREDITS_PER_PACK, PACK_MINOR } from '../support/credit-pack.ts'
import type { Expected } from './deeds.ts'

const isLive = ({ status }: Stripe.Subscription) => status === 'active' || status === 'past_due'
const PAGE = { limit: 100 }
const GRACE_MS = 3 * DAY_MS

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, each) => total + each, 0n)

/** Every cent, unit and right of one customer, ours next to Stripe's. */
export async function judge(
  office: BackOffice,
  payer: Payer,
  keyId: string,
  expected: Expected,
): Promise<void> {
  const { left } = await office.domain.reconcile.customer(office.caller, payer.id, true)
  expect(left, 'both sides say the same').toEqual([])
  await judgePayments(office, payer)
  await judgeInvoices(office, payer)
  await judgeUsage(office, payer, expected)
  await judgeCredits(office, payer, expected)
  await judgeAccess(office, payer, keyId)
}

async function judgePayments({ domain, stripe }: BackOffice, payer: Payer): Promise<void> {
  const { data: ours } = await domain.payments.list('test', { customerId: payer.id }, PAGE)
  const charges = await stripe.charges.list({ customer: payer.stripeCustomerId, limit: 100 })
  expect(sum(ours.map(({ capturedMinor }) => capturedMinor)), 'captured').toBe(
    sum(charges.data.map((charge) => BigInt(charge.amount_captured))),
  )
  expect(sum(ours.map(({ refundedMinor }) => refundedMinor)), 'given back').toBe(
    sum(charges.data.map((charge) => BigInt(charge.amount_refunded))),
  )
  for (const payment of ours) {
    const given = await domain.refunds.ofPayment('test', payment.id)
    const back = given.filter(({ state }) => state === 'succeeded')
    expect(sum(back.map(({ amount }) => amount.amountMinor))).toBe(payment.refundedMinor)
    expect(payment.refundedMinor <= payment.capturedMinor, 'never more than was paid').toBe(true)
  }
}

async function judgeInvoices({ domain, stripe }: BackOffice, payer: Payer): Promise<void> {
  const { data: ours } = await domain.billing.list('test', { customerId: payer.id }, PAGE)
  for (const { id, totalMinor } of ours) {
    const { lines } = await domain.billing.get('test', id)
    const explained = sum(lines.map(({ amountMinor }) => amountMinor))
    expect(explained, 'every cent of an invoice stands on a line').toBe(totalMinor)
  }
  const theirs = await stripe.invoices.list({ customer: payer.stripeCustomerId, limit: 100 })
  const final = theirs.data.filter(({ status }) => status !== 'draft')
  const known = new Map(ours.map(({ stripeInvoiceId, ...invoice }) => [stripeInvoiceId, invoice]))
  for (const { id, total, status } of final) {
    const { totalMinor, state } = known.get(id) ?? {}
    expect({ id, total: Number(totalMinor), status: state }).toEqual({ id, total, status })
  }
  const periods = theirs.data
    .filter(({ billing_reason: reason }) => reason === 'subscription_cycle')
    .map(({ parent, period_start: startsAt, period_end: endsAt }) => {
      return `${idOf(parent?.subscription_details?.subscription)} ${startsAt} ${endsAt}`
    })
  expect(periods.toSorted(), 'no period is invoiced twice').toEqual(
    [...new Set(periods)].toSorted(),
  )
}

/** What was taken is counted, and what Stripe charges by is what was counted. */
async function judgeUsage(
  { domain }: BackOffice,
  payer: Payer,
  { usage }: Expected,
): Promise<void> {
  const ever = { startsAt: 0, endsAt: domain.clocks.now('test') + 400 * DAY_MS }
  const counted = await domain.metering.customerTotal('test', payer.id, 'requests', ever)
  expect(Number(counted), 'what was acknowledged is counted, once').toBe(usage)
}

async function judgeCredits(
  { domain, stripe }: BackOffice,
  payer: Payer,
  { burned }: Expected,
): Promise<void> {
  const { data: entries } = await domain.credits.entries('test', payer.id, PAGE)
  const of = (type: string) => entries.filter((entry) => entry.type === type)
  const paid = await stripe.checkout.sessions.list({
    customer: payer.stripeCustomerId,
    limit: 100,
  })
  const bought = paid.data
    .filter(({ mode, payment_status: status }) => mode === 'payment' && status === 'paid')
    .map(({ amount_total: total }) => (BigInt(total ?? 0) * CREDITS_PER_PACK) / PACK_MINOR)
  expect(
    of('granted').reduce((total, { amount }) => total + Number(amount), 0),
    'what was paid for is granted, once',
  ).toBe(Number(sum(bought)))
  expect(
    of('burned').reduce((total, { amount }) => total + Number(amount), 0),
    'what was acknowledged is burned, once',
  ).toBe(burned)
}

/** Whoever may call has paid, is within grace, or pays nothing; whoever has paid may call. */
async function judgeAccess(
  { domain, stripe }: BackOffice,
  payer: Payer,
  keyId: string,
): Promise<void> {
  const record = await domain.access.findById('test', keyId)
  if (record === undefined) throw new Error('The key is gone')
  const now = domain.clocks.now('test')
  const isLetIn = stepAt(record.timeline, now).kind === 'allowed'
  const open = await domain.subscriptions.findOpen('test', payer.id)
  if (open === undefined || open.engine === 'offline') {
    expect(isLetIn, 'without a plan nobody is let in, with a free one everybody').toBe(
      open !== undefined,
    )
    return
  }
  const theirs = await stripe.subscriptions.list({
    customer: payer.stripeCustomerId,
    status: 'all',
    limit: 100,
  })
  if (open.engine === 'stripe_invoice') {
    const { data: all } = await domain.billing.list('test', { customerId: payer.id }, PAGE)
    const unpaid = all.filter(
      ({ subscriptionId, state }) =>
        subscriptionId === open.id && (state === 'open' || state === 'uncollectible'),
    )
    const since = Math.min(...unpaid.map(({ issuedAt }) => issuedAt ?? now))
    const isRunning = isUsable(lifecycleAt(open, now))
    if (isLetIn) {
      expect(isRunning, 'nobody has access to a plan that does not run').toBe(true)
      expect(now, 'nobody has access longer than grace').toBeLessThan(since + GRACE_MS)
    }
    if (isRunning && unpaid.length === 0) expect(isLetIn, 'who has paid may call').toBe(true)
    expect(theirs.data.filter(isLive), 'nobody pays for two plans').toEqual([])
    return
  }
  const live = theirs.data.filter(isLive)
  expect(live.length, 'nobody pays for two plans').toBeLessThanOrEqual(1)
  const invoices = await stripe.invoices.list({ customer: payer.stripeCustomerId, limit: 100 })
  const owed = invoices.data.filter(
    ({ status, parent }) =>
      (status === 'open' || status === 'uncollectible') &&
      parent?.subscription_details?.subscription === live[0]?.id,
  )
  const oldest = Math.min(
    ...owed.map(({ status_transitions: { finalized_at: at } }) => Number(at) * 1_000),
  )
  if (isLetIn) {
    expect(live.length, 'nobody has access without a plan that is paid for').toBe(1)
    expect(now, 'nobody has access longer than grace').toBeLessThan(oldest + GRACE_MS)
  }
  if (live.length === 1 && owed.length === 0) expect(isLetIn, 'who has paid may call').toBe(true)
}
