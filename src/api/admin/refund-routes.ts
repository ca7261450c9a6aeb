import type { RefundRequest } from '../../domain/refunds/decide-refund.ts'
import { unitText } from '../../domain/credits/unit-text.ts'
import { formatDecimal } from '../../kit/decimal.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import { creditNoteToApi, refundToApi } from '../money-to-api.ts'
import type { Services } from '../services.ts'
import { attemptToApi, moneyToApi, paymentToApi } from '../to-api.ts'

interface RefundBody extends Omit<RefundRequest, 'amountMinor'> {
  readonly amountMinor?: number | undefined
}

/** Giving money back, and the documents about it. */
export function refundRoutes(services: Services): Implementation[] {
  const { creditAfterSales, creditNotes, payments, refunds } = services

  return [
    implement(contract.getPayment, async ({ params }, { caller }) => {
      const { mode } = caller
      const payment = await payments.get(mode, params.paymentId)
      const [attempts, given, leftMinor] = await Promise.all([
        payments.attempts(mode, payment.id),
        refunds.ofPayment(mode, payment.id),
        refunds.left(mode, payment.id),
      ])
      const { currency } = payment.amount
      return {
        ...paymentToApi(payment),
        captured: moneyToApi(payment.capturedMinor, currency),
        fee: payment.fee && moneyToApi(payment.fee.amountMinor, payment.fee.currency),
        refundable: moneyToApi(leftMinor, currency),
        attempts: attempts.map(attemptToApi),
        refunds: given.map(refundToApi),
      }
    }),

    implement(contract.createRefund, async ({ params, body }, { caller }) =>
      refundToApi(
        await refunds.request(caller, params.paymentId, { ...requestOf(body), note: body.note }),
      ),
    ),

    implement(contract.previewRefund, async ({ params, body }, { caller }) => {
      const payment = await payments.get(caller.mode, params.paymentId)
      const { currency } = payment.amount
      const decision = await refunds.preview(caller.mode, payment.id, requestOf(body))
      if (decision.kind === 'refused') {
        return {
          isAllowed: false,
          refusal: decision.code,
          amount: null,
          refundable: moneyToApi(decision.refundableMinor, currency),
          isFull: false,
          needsApproval: false,
          creditsTakenBack: null,
        }
      }
      const { amountMinor, remainingMinor, isFull, needsApproval } = decision
      const taken = await creditAfterSales.takenBackFor(payment, amountMinor)
      return {
        isAllowed: true,
        refusal: null,
        amount: moneyToApi(amountMinor, currency),
        refundable: moneyToApi(amountMinor + remainingMinor, currency),
        isFull,
        needsApproval,
        creditsTakenBack: taken && {
          unit: unitText(taken.unit),
          amount: formatDecimal(taken.amount),
        },
      }
    }),

    implement(contract.listRefunds, async ({ query }, { caller }) => {
      const { data, nextCursor } = await refunds.list(caller.mode, query, query)
      return { data: data.map(refundToApi), nextCursor }
    }),

    implement(contract.getRefund, async ({ params }, { caller }) =>
      refundToApi(await refunds.get(caller.mode, params.refundId)),
    ),

    implement(contract.approveRefund, async ({ params }, { caller }) =>
      refundToApi(await refunds.approve(caller, params.refundId)),
    ),

    implement(contract.rejectRefund, async ({ params }, { caller }) =>
      refundToApi(await refunds.reject(caller, params.refundId)),
    ),

    implement(contract.listCreditNotes, async ({ query }, { caller }) => {
      const { data, nextCursor } = await creditNotes.list(caller.mode, query, query)
      return { data: data.map(creditNoteToApi), nextCursor }
    }),

    implement(contract.issueCreditNote, async ({ params, body }, { caller }) =>
      creditNoteToApi(
        await creditNotes.issue(caller, params.invoiceId, {
          ...body,
          amountMinor: BigInt(body.amountMinor),
        }),
      ),
    ),

    implement(contract.listOwnPayments, async ({ query }, { caller, customerId }) => {
      const { data, nextCursor } = await payments.list(caller.mode, { customerId }, query)
      return { data: data.map(paymentToApi), nextCursor }
    }),
  ]
}

function requestOf(body: RefundBody): RefundRequest {
  const { amountMinor, reason, accessEffect, creditEffect, issueCreditNote } = body
  return {
    amountMinor: amountMinor === undefined ? null : BigInt(amountMinor),
    reason,
    accessEffect,
    creditEffect,
    issueCreditNote,
  }
}
