import { formatInstant } from '../kit/instant.ts'
import type { CreditNote } from '../domain/credit-notes/credit-note.ts'
import type { Dispute } from '../domain/disputes/dispute.ts'
import type { Refund } from '../domain/refunds/refund.ts'
import { iso, moneyToApi } from './to-api.ts'

/** What happens after the sale, as the contract wants it. */

export function refundToApi(refund: Refund) {
  const { amountMinor, currency } = refund.amount
  return {
    ...refund,
    amount: moneyToApi(amountMinor, currency),
    effectsAppliedAt: iso(refund.effectsAppliedAt),
    createdAt: formatInstant(refund.createdAt),
    settledAt: iso(refund.settledAt),
  }
}

export function creditNoteToApi(note: CreditNote) {
  const { currency } = note
  return {
    ...note,
    amount: moneyToApi(note.amountMinor, currency),
    owed: moneyToApi(note.owedMinor, currency),
    refunded: moneyToApi(note.refundedMinor, currency),
    balance: moneyToApi(note.balanceMinor, currency),
    outside: moneyToApi(note.outsideMinor, currency),
    createdAt: formatInstant(note.createdAt),
    voidedAt: iso(note.voidedAt),
  }
}

export function disputeToApi(dispute: Dispute) {
  const { amountMinor, currency } = dispute.amount
  return {
    ...dispute,
    evidence: { ...dispute.evidence },
    amount: moneyToApi(amountMinor, currency),
    fee: moneyToApi(dispute.feeMinor, currency),
    evidenceDueAt: iso(dispute.evidenceDueAt),
    submittedAt: iso(dispute.submittedAt),
    openedAt: formatInstant(dispute.openedAt),
    closedAt: iso(dispute.closedAt),
  }
}
