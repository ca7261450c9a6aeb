import type { Stripe } from 'stripe'
import type { Account, Shown } from './account.ts'
import { asShown } from './account.ts'

type Hash = Readonly<Record<string, unknown>>

/** Events after which an object can only be in these states. */
const STATES: Readonly<Record<string, readonly string[]>> = {
  'charge.failed': ['failed'],
  'charge.succeeded': ['succeeded'],
  'customer.subscription.deleted': ['canceled', 'incomplete_expired'],
  'customer.subscription.paused': ['paused'],
  'invoice.created': ['draft', 'open', 'paid'],
  'invoice.finalized': ['open', 'paid'],
  'invoice.marked_uncollectible': ['uncollectible'],
  'invoice.paid': ['paid'],
  'invoice.payment_failed': ['open'],
  'invoice.voided': ['void'],
  'payment_intent.canceled': ['canceled'],
  'payment_intent.payment_failed': ['requires_payment_method'],
  'payment_intent.requires_action': ['requires_action'],
  'payment_intent.succeeded': ['succeeded'],
  'refund.failed': ['failed'],
}

/** What happens to an object once at most. */
const ONCE = new Set([
  'charge.failed',
  'charge.succeeded',
  'customer.created',
  'customer.deleted',
  'customer.subscription.created',
  'customer.subscription.deleted',
  'invoice.created',
  'invoice.finalized',
  'invoice.marked_uncollectible',
  'invoice.paid',
  'invoice.voided',
  'payment_intent.created',
  'payment_intent.succeeded',
  'refund.created',
  'refund.failed',
])

/** Kinds whose every change has an event. */
const TOLD = new Set([
  'credit_note',
  'customer',
  'invoice',
  'payment_method',
  'price',
  'product',
  'refund',
  'subscription',
])

/** Kinds whose change of these fields has an event. */
const TOLD_IN_PART: Readonly<Record<string, readonly string[]>> = {
  charge: ['status', 'amount_refunded', 'refunded', 'disputed'],
  payment_intent: ['status', 'amount_received'],
}

/** What events and objects have against each other. */
export function eventProblems(
  events: readonly Stripe.Event[],
  objects: readonly Shown[],
): readonly string[] {
  const problems: string[] = []
  const latest = new Map<string, { readonly object: Shown; readonly type: string }>()
  const seen = new Set<string>()
  for (const event of events) {
    // What is only announced has no id yet and is nothing one could look up.
    if (event.type === 'invoice.upcoming') continue
    const object = asShown(event.data.object)
    const id = `${event.type} of ${object.id}`
    const expected = STATES[event.type]
    if (expected !== undefined && !expected.includes(String(object['status']))) {
      problems.push(`${id} shows it ${String(object['status'])}`)
    }
    if (ONCE.has(event.type) && seen.has(id)) problems.push(`${id} came twice`)
    seen.add(id)

    const known = latest.get(nameOf(object))
    const previous = event.data.previous_attributes as Hash | undefined
    if (TOLD.has(object.object) && previous !== undefined && known !== undefined) {
      const reverted = revert(object, previous)
      const difference = firstDifference(known.object, reverted)
      if (difference !== undefined) {
        problems.push(`${id} goes back to something else than ${known.type} showed: ${difference}`)
      }
    }
    if (TOLD.has(object.object) && previous === undefined && known !== undefined) {
      const difference = firstDifference(known.object, object)
      const isEnd = event.type.endsWith('.deleted') || event.type.endsWith('.attached')
      if (difference !== undefined && !isEnd) {
        problems.push(`${id} changes silently what ${known.type} showed: ${difference}`)
      }
    }
    latest.set(nameOf(object), { object, type: event.type })
  }
  for (const object of objects) {
    const told = latest.get(nameOf(object))
    if (TOLD.has(object.object)) {
      const difference = told === undefined ? 'no event' : firstDifference(told.object, object)
      if (difference !== undefined) {
        problems.push(`${object.object} ${object.id} differs from ${told?.type}: ${difference}`)
      }
    }
    for (const field of TOLD_IN_PART[object.object] ?? []) {
      if (told?.object[field] !== object[field]) {
        problems.push(
          `${object.object} ${object.id}: ${field} is ${String(object[field])}, last told ${String(told?.object[field])}`,
        )
      }
    }
  }
  return problems
}

/** Prices and plans share their ids. */
function nameOf({ object, id }: Shown): string {
  return `${object}/${id}`
}

/** The object as it was before an update. */
function revert(object: Hash, previous: Hash): Hash {
  const reverted: Record<string, unknown> = { ...object }
  for (const [key, old] of Object.entries(previous)) {
    const current = object[key]
    reverted[key] = isHash(old) && isHash(current) ? revert(current, old) : old
  }
  return reverted
}

function firstDifference(a: unknown, b: unknown, path = ''): string | undefined {
  if ((a ?? null) === (b ?? null)) return undefined
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return `${path} has ${a.length} and ${b.length} elements`
    for (const [index, one] of a.entries()) {
      const difference = firstDifference(one, b[index], `${path}[${index}]`)
      if (difference !== undefined) return difference
    }
    return undefined
  }
  if (!isHash(a) || !isHash(b))
    return `${path} was ${JSON.stringify(a)} and is ${JSON.stringify(b)}`
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const difference = firstDifference(a[key], b[key], `${path}.${key}`)
    if (difference !== undefined) return difference
  }
  return undefined
}

function isHash(value: unknown): value is Hash {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** Whether every cent is accounted for. */
export async function moneyProblems(
  { stripe, clock }: Account,
  events: readonly Stripe.Event[],
): Promise<readonly string[]> {
  const byIntent = idsOf(events, 'invoice.payment_succeeded')
  const byHand = new Set([...idsOf(events, 'invoice.paid')].filter((id) => !byIntent.has(id)))

  const problems: string[] = []
  const demand = (holds: boolean, text: () => string): void => {
    if (!holds) problems.push(text())
  }
  for await (const customer of stripe.customers.list({ test_clock: clock, limit: 100 })) {
    let booked = 0
    for await (const one of stripe.customers.listBalanceTransactions(customer.id, { limit: 100 })) {
      booked += one.amount
    }
    demand(
      booked === customer.balance,
      () => `${customer.id} has ${customer.balance}, booked ${booked}`,
    )
    for await (const invoice of stripe.invoices.list({ customer: customer.id, limit: 100 })) {
      await checkInvoice(stripe, invoice, byHand.has(invoice.id), demand)
    }
    for await (const charge of stripe.charges.list({ customer: customer.id, limit: 100 })) {
      let refunded = 0
      for await (const refund of stripe.refunds.list({ charge: charge.id, limit: 100 })) {
        if (refund.status !== 'failed' && refund.status !== 'canceled') refunded += refund.amount
      }
      demand(
        refunded === charge.amount_refunded,
        () => `${charge.id}: refunds ${refunded}, says ${charge.amount_refunded}`,
      )
      demand(
        refunded <= charge.amount_captured && charge.amount_captured <= charge.amount,
        () => `${charge.id}: refunded ${refunded} of ${charge.amount_captured}`,
      )
    }
  }
  const [available] = (await stripe.balance.retrieve()).available
  const [pending] = (await stripe.balance.retrieve()).pending
  let net = 0
  for await (const one of stripe.balanceTransactions.list({ limit: 100 })) {
    net += one.net
    demand(one.net === one.amount - one.fee, () => `${one.id} is not its amount without its fee`)
  }
  const shown = (available?.amount ?? 0) + (pending?.amount ?? 0)
  demand(shown === net, () => `the balance is ${shown}, booked ${net}`)
  return problems
}

async function checkInvoice(
  stripe: Stripe,
  invoice: Stripe.Invoice,
  isPaidByHand: boolean,
  demand: (holds: boolean, text: () => string) => void,
): Promise<void> {
  const says = (text: string) => () => `${invoice.id} (${invoice.billing_reason}): ${text}`
  let lines = 0
  let discounted = 0
  for await (const line of stripe.invoices.listLineItems(invoice.id, { limit: 100 })) {
    lines += line.amount
    discounted += sum((line.discount_amounts ?? []).map(({ amount }) => amount))
  }
  const discounts = sum((invoice.total_discount_amounts ?? []).map(({ amount }) => amount))
  demand(lines === invoice.subtotal, says(`lines ${lines}, subtotal ${invoice.subtotal}`))
  demand(discounted === discounts, says(`discounts ${discounted} on lines, ${discounts} in all`))
  demand(lines - discounts === invoice.total, says(`adds up to ${lines - discounts}`))
  demand(
    invoice.amount_remaining === invoice.amount_due - invoice.amount_paid,
    says(
      `${invoice.amount_due} due, ${invoice.amount_paid} paid, ${invoice.amount_remaining} left`,
    ),
  )
  demand(invoice.amount_remaining >= 0, says('more was paid than asked for'))
  demand(invoice.status !== 'paid' || invoice.amount_remaining === 0, says('paid but not enough'))

  let paid = 0
  for await (const payment of stripe.invoicePayments.list({ invoice: invoice.id, limit: 100 })) {
    if (payment.status !== 'paid') continue
    paid += payment.amount_paid ?? 0
    const { payment_intent: intent } = payment.payment
    if (intent === undefined) continue
    const { amount_received: received, status } = await stripe.paymentIntents.retrieve(
      typeof intent === 'string' ? intent : intent.id,
    )
    demand(
      status === 'succeeded' && received === payment.amount_paid,
      says(`payment of ${payment.amount_paid} by an intent that is ${status} over ${received}`),
    )
  }
  demand(
    paid === invoice.amount_paid || isPaidByHand,
    says(`payments ${paid}, paid ${invoice.amount_paid}`),
  )
}

function idsOf(events: readonly Stripe.Event[], type: string): Set<string> {
  return new Set(
    events.filter((event) => event.type === type).map(({ data }) => asShown(data.object).id),
  )
}
