import { AppError, notFound } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { CreditNoteInput, StripeCreditNote } from '../../stripe/credit-notes.ts'
import type { Accounts } from '../accounts/service.ts'
import { type Caller, stripeCaller, systemCaller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Invoice } from '../billing/invoice.ts'
import type { Billing } from '../billing/service.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { Refund } from '../refunds/refund.ts'
import type { Refunds } from '../refunds/service.ts'
import type { Look } from '../webhooks/look.service.ts'
import { APPLIED, type Sync, type SyncResult } from '../webhooks/sync.ts'
import { type CreditNote, refuseCreditNote } from './credit-note.ts'
import * as store from './store.ts'

const SEND_QUEUE = 'credit_note.send'
const ALL = { limit: 100 }

interface CreditNotesDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly billing: Billing
  readonly connections: Connections
  readonly jobs: Jobs
  readonly look: Look
  readonly refunds: Refunds
}

export type CreditNotes = ReturnType<typeof createCreditNotes>

export interface NewCreditNote {
  readonly amountMinor: bigint
  readonly reason: CreditNoteInput['reason']
  readonly memo: string | null
}

export function createCreditNotes(deps: CreditNotesDeps) {
  const { database, accounts, audit, billing, connections, jobs, look, refunds } = deps

  async function want(
    caller: Caller,
    invoice: Invoice,
    input: NewCreditNote & { readonly refundId: string | null },
  ): Promise<CreditNote> {
    const { mode } = caller
    return database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, invoice.customerId)
      const { data } = await store.list(tx, mode, { invoiceId: invoice.id }, ALL)
      const again = data.find(({ refundId }) => refundId !== null && refundId === input.refundId)
      if (again !== undefined) return again
      const refusal = refuseCreditNote(invoice, data, input.amountMinor)
      if (refusal !== undefined) throw new AppError(refusal, {})
      const now = accounts.now(customer)
      const note: CreditNote = {
        ...blank(invoice, newId('credit_note', now), now),
        ...input,
      }
      await store.save(tx, note, now)
      await jobs.enqueue(tx, SEND_QUEUE, { mode, creditNoteId: note.id }, { key: note.id })
      await audit.record(tx, caller, {
        action: 'credit_note.requested',
        targetKind: 'credit_note',
        targetId: note.id,
        customerId: invoice.customerId,
        after: { invoiceId: invoice.id, amountMinor: String(input.amountMinor) },
      })
      return note
    })
  }

  /** What Stripe has under our id, or makes now. */
  async function send(mode: Mode, id: string): Promise<void> {
    const note = await get(mode, id)
    if (note.state !== 'requested') return
    const { invoice } = await billing.get(mode, note.invoiceId)
    if (invoice.stripeInvoiceId === null) return
    const connected = await connections.stripe(mode)
    const ticket = await connections.ticket()
    const made = await connected.api.creditNotes.listOfInvoice(invoice.stripeInvoiceId)
    const earlier = made.find(({ creditNoteId }) => creditNoteId === id)
    try {
      const stripe =
        earlier ??
        (await connected.api.creditNotes.create({
          creditNoteId: id,
          stripeInvoiceId: invoice.stripeInvoiceId,
          amountMinor: note.amountMinor,
          currency: note.currency,
          memo: note.memo,
          reason: note.reason as CreditNoteInput['reason'],
          paidPart: await paidPartOf(note, invoice),
        }))
      await database.transaction((tx) => apply(tx, connected, stripe, ticket))
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'stripe_rejected') throw error
      await fail(note, error.message)
    }
    await look(mode, billing.invoiceSync, invoice.stripeInvoiceId)
  }

  async function paidPartOf(
    { mode, refundId }: CreditNote,
    invoice: Invoice,
  ): Promise<CreditNoteInput['paidPart']> {
    if (refundId !== null) {
      const { stripeRefundId } = await refunds.get(mode, refundId)
      if (stripeRefundId !== null) return { kind: 'refund', stripeRefundId }
    }
    return invoice.state === 'paid' ? { kind: 'balance' } : { kind: 'owed' }
  }

  async function fail({ mode, id, customerId }: CreditNote, why: string): Promise<void> {
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const note = await get(mode, id, tx)
      if (note.state !== 'requested') return
      await store.save(tx, { ...note, state: 'failed' }, accounts.now(customer))
      const target = { targetKind: 'credit_note', targetId: id, customerId }
      await audit.record(tx, systemCaller(mode), {
        action: 'credit_note.failed',
        ...target,
        after: { why },
      })
    })
  }

  async function apply(
    tx: Db,
    connected: Connected,
    stripe: StripeCreditNote,
    ticket: bigint,
  ): Promise<SyncResult> {
    const { mode } = connected.scope
    const invoice = await billing.findByStripeId(mode, stripe.stripeInvoiceId, tx)
    if (invoice === undefined) return { kind: 'parked', why: 'its invoice is not known yet' }
    const customer = await accounts.lock(tx, mode, invoice.customerId)
    const now = accounts.now(customer)
    const before =
      (await store.findBy(tx, mode, { stripeId: stripe.id })) ??
      (stripe.creditNoteId === null
        ? undefined
        : await store.findBy(tx, mode, { id: stripe.creditNoteId }))
    if (before !== undefined && before.providerTicket > ticket) return APPLIED
    const note: CreditNote = {
      ...(before ?? blank(invoice, newId('credit_note', now), stripe.createdAt)),
      number: stripe.number,
      state: stripe.status,
      reason: stripe.reason,
      memo: stripe.memo,
      amountMinor: stripe.amountMinor,
      owedMinor: stripe.owedMinor,
      refundedMinor: stripe.refundedMinor,
      balanceMinor: stripe.balanceMinor,
      outsideMinor: stripe.outsideMinor,
      pdfUrl: stripe.pdfUrl,
      stripeCreditNoteId: stripe.id,
      providerTicket: ticket,
      voidedAt: stripe.voidedAt,
    }
    await store.save(tx, note, now)
    if (before?.state === note.state) return APPLIED
    await audit.record(tx, stripeCaller(mode), {
      action: `credit_note.${note.state}`,
      targetKind: 'credit_note',
      targetId: note.id,
      customerId: note.customerId,
      after: { number: note.number, amountMinor: String(note.amountMinor) },
    })
    return APPLIED
  }

  async function get(mode: Mode, id: string, db: Db = database.db): Promise<CreditNote> {
    const note = await store.findBy(db, mode, { id })
    if (note === undefined) throw notFound('credit note')
    return note
  }

  jobs.handle(SEND_QUEUE, async ({ payload }) => {
    const { mode, creditNoteId } = payload as { mode: Mode; creditNoteId: string }
    await send(mode, creditNoteId)
  })

  const creditNoteSync: Sync<StripeCreditNote> = {
    fetch: ({ api }, id) => api.creditNotes.find(id),
    apply,
  }

  return {
    creditNoteSync,
    get,

    list: (
      mode: Mode,
      filter: store.CreditNoteFilter,
      page: PageRequest,
    ): Promise<Page<CreditNote>> => store.list(database.db, mode, filter, page),

    /** Takes back a part of an invoice: off what is owed, or onto the balance when it is paid. */
    async issue(caller: Caller, invoiceId: string, input: NewCreditNote): Promise<CreditNote> {
      const { invoice } = await billing.get(caller.mode, invoiceId)
      const note = await want(caller, invoice, { ...input, refundId: null })
      await send(caller.mode, note.id)
      return get(caller.mode, note.id)
    },

    /** The document to a refund; once per refund, whoever asks how often. */
    async issueForRefund(refund: Refund, invoiceId: string): Promise<void> {
      const { mode, id: refundId, amount } = refund
      const { invoice } = await billing.get(mode, invoiceId)
      const reason =
        refund.reason === 'duplicate' || refund.reason === 'fraudulent' ? refund.reason : null
      const input = { amountMinor: amount.amountMinor, reason, memo: refund.note, refundId }
      try {
        await want(systemCaller(mode), invoice, input)
      } catch (error) {
        // Parts of it may have been credited by hand before; the refund stands without a document.
        if (!(error instanceof AppError) || error.code !== 'amount_exceeds_invoice') throw error
      }
    },
  }
}

function blank(invoice: Invoice, id: string, createdAt: number): CreditNote {
  return {
    mode: invoice.mode,
    id,
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    refundId: null,
    number: null,
    state: 'requested',
    reason: null,
    memo: null,
    currency: invoice.currency,
    amountMinor: 0n,
    owedMinor: 0n,
    refundedMinor: 0n,
    balanceMinor: 0n,
    outsideMinor: 0n,
    pdfUrl: null,
    stripeCreditNoteId: null,
    providerTicket: 0n,
    createdAt,
    voidedAt: null,
  }
}
