import type { ResponseOf } from '../../../../src/client/client.ts'
import { formatAmount, formatDate, formatDuration } from '../../../ui/format.ts'

export type PaymentProblem = NonNullable<
  ResponseOf<'get', '/api/v1/portal/overview'>['paymentProblem']
>

interface ProblemWords {
  readonly title: string
  /** Why, and what follows if nothing is done. */
  readonly text: string
  /** Something has to be put right; else an invoice only waits for its date. */
  readonly isWrong: boolean
}

/** What is wrong with a payment, for the one who can put it right. */
export function paymentProblemWords(problem: PaymentProblem, now: number): ProblemWords {
  const { amount, failureMessage, blocksAt, nextAttemptAt, needsNewPaymentMethod } = problem
  if (problem.isGivenUp) {
    return {
      title: `${formatAmount(amount)} is unpaid`,
      text: 'It is not collected by itself any more. Pay it, and access comes back.',
      isWrong: true,
    }
  }
  const hasStopped = blocksAt !== null && Date.parse(blocksAt) <= now
  if (problem.dueAt !== null && now <= Date.parse(problem.dueAt)) {
    return waitingWords(problem, problem.dueAt)
  }
  const stops =
    blocksAt === null
      ? ''
      : hasStopped
        ? `Calls have been refused since ${formatDate(blocksAt)}; they work again as soon as it is paid.`
        : `Calls work until ${formatDate(blocksAt)}: ${formatDuration(Date.parse(blocksAt) - now)} are left.`
  const next = needsNewPaymentMethod
    ? 'This card is not tried again: add another one, which is then charged at once.'
    : nextAttemptAt === null
      ? ''
      : `It is tried again on ${formatDate(nextAttemptAt)}.`
  return {
    title: titleOf(problem, hasStopped),
    text: [sentence(failureMessage), stops, next].filter(Boolean).join(' '),
    isWrong: true,
  }
}

function titleOf({ amount, dueAt }: PaymentProblem, hasStopped: boolean): string {
  if (hasStopped) return `${formatAmount(amount)} is unpaid`
  return dueAt === null
    ? `The payment of ${formatAmount(amount)} failed`
    : `${formatAmount(amount)} was due on ${formatDate(dueAt)}`
}

/** Nothing is wrong yet: the date is still ahead. */
function waitingWords({ amount, blocksAt }: PaymentProblem, dueAt: string): ProblemWords {
  const stops =
    blocksAt === null ? '' : ` Without payment calls work until ${formatDate(blocksAt)}.`
  return {
    title: `${formatAmount(amount)} is to pay by ${formatDate(dueAt)}`,
    text: `Nothing is charged by itself.${stops}`,
    isWrong: false,
  }
}

function sentence(text: string | null): string {
  if (text === null || text === '') return ''
  return text.endsWith('.') ? text : `${text}.`
}
