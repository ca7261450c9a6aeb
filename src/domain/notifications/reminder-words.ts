import type { Payloads } from './payloads.ts'

export function reminderSubject({
  number,
  amount,
  dueOn,
  isOverdue,
}: Payloads['invoice_reminder']): string {
  const what = `Invoice ${number ?? ''} over ${amount}`
  return isOverdue ? `${what} is overdue` : `${what} is due on ${dueOn}`
}

export function reminderConsequence({
  blocksAt,
  hasStopped,
}: Payloads['invoice_reminder']): string[] {
  if (blocksAt === null) return []
  return [
    hasStopped
      ? `Access to the API stopped on ${blocksAt}. The payment brings it back within a second.`
      : `Without payment, access to the API stops on ${blocksAt}.`,
  ]
}
