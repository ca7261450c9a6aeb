import { newId } from '../../kit/id.ts'
import type { Instant } from '../../kit/instant.ts'
import { formatMoney } from '../../kit/money.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import { systemCaller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Invoice } from '../billing/invoice.ts'
import type { Graces } from '../billing/graces.service.ts'
import { dayOf } from '../notifications/notification.ts'
import type { Notifications } from '../notifications/service.ts'
import type { RecordedAttempt } from '../payments/payment.ts'
import type { Payments } from '../payments/service.ts'
import type { Settings } from '../settings/service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import { ACT_QUEUE } from './act.service.ts'
import {
  decideDunning,
  type DunningCase,
  type DunningMessage,
  type DunningStep,
} from './decide-dunning.ts'
import { decideReminders, DEFAULT_REMINDERS, parseReminders } from './decide-reminders.ts'
import * as store from './store.ts'
import { isReminder, policyFrom, type StoredCase, templateOf } from './stored-case.ts'

interface ReviewDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly graces: Graces
  readonly jobs: Jobs
  readonly notifications: Notifications
  readonly payments: Payments
  readonly settings: Settings
  readonly subscriptions: Subscriptions
}

/** All that a decision about an unpaid invoice rests on. */
export interface Facts {
  readonly invoice: Invoice
  readonly customer: Customer
  readonly attempts: readonly RecordedAttempt[]
  readonly blocksAt: Instant | null
}

/** Decides about an unpaid invoice on what is known, says what is to be said and orders what is to be done. */
export function createReview(deps: ReviewDeps) {
  const { accounts, audit, graces, jobs, notifications, payments } = deps
  const { settings, subscriptions } = deps

  async function blocksAt(tx: Db, customer: Customer, invoice: Invoice): Promise<Instant | null> {
    const { mode, subscriptionId } = invoice
    if (subscriptionId === null) return null
    const subscription = await subscriptions.get(mode, subscriptionId, tx)
    return graces.endsAt(customer, subscription, tx)
  }

  async function factsOf(
    tx: Db,
    customer: Customer,
    invoice: Invoice,
    attempts?: readonly RecordedAttempt[],
  ): Promise<Facts> {
    return {
      invoice,
      customer,
      attempts: attempts ?? (await payments.attemptsOfInvoice(invoice.mode, invoice.id, tx)),
      blocksAt: await blocksAt(tx, customer, invoice),
    }
  }

  /**
   * Of what is charged the first payment is made on Stripe's page, in front of the customer; without it nothing has
   * begun. What is sent waits from the moment it is.
   */
  async function openCase(
    tx: Db,
    invoice: Invoice,
    attempts: readonly RecordedAttempt[],
  ): Promise<StoredCase | undefined> {
    const { mode, id: invoiceId, customerId, subscriptionId } = invoice
    const first = attempts.find((attempt) => attempt.state === 'failed')
    const openedAt = isWaiting(invoice)
      ? (invoice.issuedAt ?? invoice.createdAt)
      : first?.attemptedAt
    if (openedAt === undefined) return undefined
    const engine =
      subscriptionId === null
        ? 'stripe_subscription'
        : (await subscriptions.get(mode, subscriptionId, tx)).engine
    const retries = engine === 'stripe_subscription' ? 'stripe' : 'ours'
    return {
      mode,
      id: newId('dunning', openedAt),
      customerId,
      subscriptionId,
      invoiceId,
      state: 'open',
      retries: isWaiting(invoice) ? 'none' : retries,
      openedAt,
      newPaymentMethodAt: null,
      newPaymentMethodId: null,
      sent: [],
      actingAttempt: null,
      nextAt: null,
      closedAt: null,
    }
  }

  /** Decides about an invoice on what is known now; the caller holds the customer's lock. Deciding again is harmless. */
  async function review(tx: Db, invoice: Invoice): Promise<void> {
    if (invoice.state === 'draft') return
    const { mode } = invoice
    const known = await store.findOfInvoice(tx, mode, invoice.id)
    if (known !== undefined && known.state !== 'open' && invoice.state === 'open') return
    // Most invoices are paid at once: of those no more is read than this.
    if (known === undefined && !isDunnable(invoice)) return
    const attempts = await payments.attemptsOfInvoice(mode, invoice.id, tx)
    const stored = known ?? (await openCase(tx, invoice, attempts))
    if (stored === undefined) return
    const customer = await accounts.get(mode, invoice.customerId, tx)
    const facts = await factsOf(tx, customer, invoice, attempts)
    const now = accounts.now(customer)
    const step = await decide(tx, stored, facts, now)
    await apply(tx, stored, facts, step, known === undefined, now)
  }

  async function decide(
    tx: Db,
    stored: StoredCase,
    facts: Facts,
    now: Instant,
  ): Promise<DunningStep> {
    const { mode, retries } = stored
    const dunning = toCase(stored, facts)
    if (retries === 'none') {
      const waiting = { ...dunning, dueAt: facts.invoice.dueAt ?? stored.openedAt }
      const remindAt = parseReminders((await settings.get(mode, 'invoices.remind', tx)) ?? '')
      return decideReminders(waiting, remindAt ? { remindAt } : DEFAULT_REMINDERS, now)
    }
    const policy = policyFrom(
      retries,
      await settings.get(mode, 'dunning.retry_after', tx),
      await settings.get(mode, 'dunning.final_action', tx),
    )
    return decideDunning(dunning, policy, now)
  }

  async function apply(
    tx: Db,
    stored: StoredCase,
    facts: Facts,
    step: DunningStep,
    isNew: boolean,
    now: Instant,
  ): Promise<void> {
    const { mode, id } = stored
    const made = facts.attempts.length
    const isActing = stored.actingAttempt !== null && made < stored.actingAttempt
    const { action } = step
    const retries = action.kind === 'retry' && !isActing ? action.attempt : null
    const after: StoredCase = {
      ...stored,
      state: step.state,
      sent: [...stored.sent, ...step.messages.map(({ message }) => message)],
      actingAttempt: retries ?? (isActing ? stored.actingAttempt : null),
      nextAt: step.nextAt,
      closedAt: step.state === 'open' ? null : (stored.closedAt ?? now),
    }
    await store.save(tx, after, now)
    for (const { message, dedupeKey } of step.messages) {
      await say(tx, message, dedupeKey, facts, step)
    }
    if (retries !== null) {
      const job = { mode, invoiceId: stored.invoiceId, attempt: retries }
      await jobs.enqueue(tx, ACT_QUEUE, job, { key: `${id}:${retries}` })
    }
    if (action.kind === 'finish') {
      const job = { mode, invoiceId: stored.invoiceId, finalAction: action.finalAction }
      await jobs.enqueue(tx, ACT_QUEUE, job, { key: `${id}:finish` })
    }
    // An invoice that is sent, and paid by its date, is no story.
    const isQuiet = stored.retries === 'none' && !stored.sent.includes('blocked')
    const actions = [
      ...(isNew && !isQuiet ? ['dunning.opened'] : []),
      ...(step.messages.some(({ message }) => message === 'blocked')
        ? ['dunning.access_ended']
        : []),
      ...(!isNew && !isQuiet && after.state !== stored.state ? [`dunning.${after.state}`] : []),
    ]
    for (const action of actions) {
      await audit.record(tx, systemCaller(mode), {
        action,
        targetKind: 'dunning_case',
        targetId: id,
        customerId: stored.customerId,
        after: { invoiceId: stored.invoiceId, attempts: made },
      })
    }
  }

  async function say(
    tx: Db,
    message: DunningMessage,
    dedupeKey: string,
    { invoice, customer, attempts, blocksAt: blocks }: Facts,
    step: DunningStep,
  ): Promise<void> {
    const { mode, id: invoiceId, currency } = invoice
    const owed = invoice.state === 'paid' ? invoice.amountPaidMinor : invoice.amountDueMinor
    if (isReminder(message)) {
      await sayReminder(tx, dedupeKey, { invoice, customer, blocksAt: blocks })
      return
    }
    const payload = {
      amount: formatMoney({ amountMinor: owed, currency }),
      reason: attempts.findLast(({ state }) => state === 'failed')?.failureMessage ?? null,
      needsNewMethod: step.needsNewPaymentMethod,
      blocksAt: blocks === null ? null : dayOf(blocks, customer.timeZone),
      invoiceId,
    }
    await notifications.tell(tx, {
      mode,
      template: templateOf(message),
      customerId: customer.id,
      // Every dunning template is written from these; `blocking_soon` is only said where there is a date.
      payload: { ...payload, blocksAt: payload.blocksAt ?? '' },
      dedupeKey,
    })
  }

  async function sayReminder(
    tx: Db,
    dedupeKey: string,
    { invoice, customer, blocksAt: blocks }: Pick<Facts, 'invoice' | 'customer' | 'blocksAt'>,
  ): Promise<void> {
    const { mode, id: invoiceId, currency, number, amountDueMinor, dueAt } = invoice
    const { timeZone } = customer
    const now = accounts.now(customer)
    const instructions = invoice.isOffline
      ? await settings.get(mode, 'invoices.payment_instructions', tx)
      : null
    await notifications.tell(tx, {
      mode,
      template: 'invoice_reminder',
      customerId: customer.id,
      payload: {
        amount: formatMoney({ amountMinor: amountDueMinor, currency }),
        number,
        dueOn: dayOf(dueAt ?? now, timeZone),
        isOverdue: dueAt !== null && now > dueAt && dayOf(now, timeZone) !== dayOf(dueAt, timeZone),
        blocksAt: blocks === null ? null : dayOf(blocks, timeZone),
        hasStopped: blocks !== null && now >= blocks,
        instructions,
        invoiceId,
      },
      dedupeKey,
    })
  }

  return { factsOf, review }
}

export function toCase(stored: StoredCase, { invoice, attempts, blocksAt }: Facts): DunningCase {
  const last = attempts.at(-1)
  return {
    id: stored.id,
    openedAt: stored.openedAt,
    invoiceState: invoice.state === 'draft' ? 'open' : invoice.state,
    attempts: attempts.map((attempt) => ({
      at: attempt.attemptedAt,
      result: attempt.state,
      declineCode: attempt.declineCode,
    })),
    newPaymentMethodAt: stored.newPaymentMethodAt,
    blocksAt,
    hasStripeGivenUp:
      invoice.attemptCount > 0 && invoice.nextAttemptAt === null && last?.state === 'failed',
    sent: stored.sent,
  }
}

function isDunnable(invoice: Invoice): boolean {
  const { state, kind, amountDueMinor, amountPaidMinor } = invoice
  const isOwed = state === 'open' && amountDueMinor > amountPaidMinor
  return isOwed && (isWaiting(invoice) || !isPaidFirst(kind))
}

/** It was sent, and has a date. */
function isWaiting({ collection, dueAt }: Invoice): boolean {
  return collection === 'send_invoice' && dueAt !== null
}

/** Nothing is given before it is paid, so there is nothing to dun for: unpaid, it lapses within a day. */
function isPaidFirst(kind: Invoice['kind']): boolean {
  return kind === 'first' || kind === 'change' || kind === 'resume'
}
