import type { ResponseOf } from '../../client/client.ts'
import { formatMoney } from '../../kit/money.ts'
import type { CliContext } from '../context.ts'
import { printRecord } from '../output.ts'

type Preview = ResponseOf<'post', '/api/v1/subscriptions/{subscriptionId}/change/preview'>

/** What a change would do and cost, as the API has computed it. */
export function printPreview(context: CliContext, preview: Preview): void {
  const { invoice, payment, nextInvoice } = preview
  const money = ({ amountMinor, currency }: { amountMinor: number; currency: string }) =>
    formatMoney({ amountMinor: BigInt(amountMinor), currency })
  printRecord(context, preview, [
    ['change', whatChanges(preview)],
    ...preview.addOns.map(({ name, quantityBefore, quantityAfter }): [string, string] => [
      'add-on',
      `${name}: ${quantityBefore} → ${quantityAfter}`,
    ]),
    ['takes effect', preview.effectiveAt],
    ...(invoice?.lines ?? []).map(({ description, amount }): [string, string] => [
      'line',
      `${money(amount)}  ${description}`,
    ]),
    ['due now', invoice === null ? null : money(invoice.amountDue)],
    ['credit', payment.kind === 'credit' ? money(payment.amount) : null],
    ['next invoice', nextInvoice && `${money(nextInvoice.amountDue)} on ${nextInvoice.at}`],
    ...preview.quotas.map(({ featureKey, limitBefore, limitAfter }): [string, string] => [
      'quota',
      `${featureKey} ${limitWords(limitBefore)} → ${limitWords(limitAfter)}`,
    ]),
    ...preview.notices.map(({ message }): [string, string] => ['note', message]),
  ])
}

function whatChanges({ from, to, direction, addOns }: Preview): string | null {
  const isSameVersion = from.planKey === to.planKey && from.planVersion === to.planVersion
  if (isSameVersion) return addOns.length > 0 ? null : `other terms of ${from.planName}`
  return `${from.planName} → ${to.planName} (${direction})`
}

function limitWords(limit: string | null | undefined): string {
  return limit === undefined ? '–' : (limit ?? 'unlimited')
}
