import type { Instant } from '../../kit/instant.ts'
import { formatInstant } from '../../kit/instant.ts'
import { formatMoney, type Money } from '../../kit/money.ts'
import type { Evidence } from '../../stripe/disputes.ts'

/** What the product knows about a disputed payment. */
export interface EvidenceFacts {
  readonly productName: string
  readonly planName: string | null
  readonly customerName: string
  readonly customerEmail: string | null
  readonly amount: Money
  readonly paidAt: Instant
  readonly invoiceNumber: string | null
  readonly period: { readonly startsAt: Instant; readonly endsAt: Instant } | null
  readonly subscribedAt: Instant | null
  /** Usage by day within the period: calls that were answered. */
  readonly usage: readonly {
    readonly meter: string
    readonly day: string
    readonly value: string
  }[]
  readonly lastCallAt: Instant | null
  readonly canceledAt: Instant | null
}

const MAX_DAYS = 200

/** A draft for a person to read, correct and send; only what the product can show. */
export function draftEvidence(facts: EvidenceFacts): Evidence {
  const { productName, planName, period, usage, canceledAt, customerEmail } = facts
  const what = planName === null ? productName : `${productName}, plan ${planName}`
  return {
    product_description: `Access to an API: ${what}. Each call is authenticated with the customer's own key and counted.`,
    customer_name: facts.customerName,
    ...(customerEmail !== null && { customer_email_address: customerEmail }),
    ...(period !== null && {
      service_date: `${day(period.startsAt)} to ${day(period.endsAt)}`,
    }),
    ...(usage.length > 0 && { access_activity_log: activityLog(facts) }),
    ...(canceledAt === null && {
      cancellation_rebuttal: 'The subscription was not canceled before the charge was made.',
    }),
    uncategorized_text: story(facts),
  }
}

function activityLog({ usage, lastCallAt }: EvidenceFacts): string {
  const shown = usage
    .slice(-MAX_DAYS)
    .map(({ day: on, meter, value }) => `${on}  ${meter}  ${value}`)
  const last = lastCallAt === null ? [] : [`Last call: ${formatInstant(lastCallAt)}`]
  return ['Usage by day (UTC), as served to the keys of this customer:', ...shown, ...last].join(
    '\n',
  )
}

function story(facts: EvidenceFacts): string {
  const { customerName, amount, paidAt, invoiceNumber, subscribedAt, usage } = facts
  const invoice = invoiceNumber === null ? '' : ` for invoice ${invoiceNumber}`
  const sentences = [
    `${customerName} paid ${formatMoney(amount)}${invoice} on ${day(paidAt)}.`,
    ...(subscribedAt === null
      ? []
      : [`The subscription was taken out on ${day(subscribedAt)} on Stripe's payment page.`]),
    usage.length === 0
      ? 'The service was available for the whole period.'
      : `The service was used on ${usage.length} day(s) of the period; the log is attached.`,
  ]
  return sentences.join(' ')
}

function day(at: Instant): string {
  return formatInstant(at).slice(0, 10)
}
