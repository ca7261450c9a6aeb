import type { ResponseOf } from '../../../../src/client/client.ts'
import { countOf, formatAmount, formatCompact, formatShare } from '../../../ui/format.ts'
import { paths } from '../../paths.ts'

type Metrics = ResponseOf<'get', '/api/v1/reports/metrics'>

/** One number of how the business does, and the list it is made of. */
export interface Tile {
  readonly label: string
  readonly value: string
  readonly change?: number
  readonly note: string
  readonly link: { readonly to: string; readonly search?: Readonly<Record<string, string>> }
}

const NOTHING = '–'

/** Currencies are never added up: each has its own revenue. */
export function businessTiles(metrics: Metrics): Tile[] {
  const { revenue, trials, disputes, payments, refunds } = metrics
  const failed = payments.reduce((sum, { failedAttempts }) => sum + failedAttempts, 0)
  const refundCount = refunds.reduce((sum, { count }) => sum + count, 0)
  return [
    ...mrrTiles(revenue),
    {
      label: 'Active customers',
      value: formatCompact(metrics.activeCustomers),
      note: 'with a subscription that runs',
      link: { to: paths.subscriptions, search: { state: 'open' } },
    },
    {
      label: 'Net churn',
      value: listed(
        revenue,
        ({ netRetention }) => netRetention && formatShare(1 - Number(netRetention)),
      ),
      note: 'of MRR: lost less grown',
      link: { to: paths.subscriptions, search: { state: 'closed' } },
    },
    {
      label: 'Trial conversion',
      value: trials.conversion === null ? NOTHING : formatShare(Number(trials.conversion)),
      note: `${trials.converted} of ${countOf(trials.ended, 'trial')} that ended`,
      link: { to: paths.subscriptions },
    },
    {
      label: 'Payment failures',
      value:
        metrics.paymentFailureRate === null
          ? NOTHING
          : formatShare(Number(metrics.paymentFailureRate)),
      note: `${countOf(failed, 'attempt')} failed`,
      link: { to: paths.dunning },
    },
    {
      label: 'Open disputes',
      value: formatCompact(disputes.open),
      note:
        disputes.rate === null
          ? 'now'
          : `${formatShare(Number(disputes.rate))} of payments disputed`,
      link: { to: paths.disputes, search: { isOpen: 'true' } },
    },
    {
      label: 'Refunds',
      value:
        refunds.length === 0
          ? NOTHING
          : refunds.map(({ amount }) => formatAmount(amount)).join(', '),
      note: countOf(refundCount, 'refund'),
      link: { to: paths.refunds, search: { state: 'succeeded' } },
    },
    {
      label: 'Quota denials',
      value: formatCompact(metrics.quotaDenials),
      note: 'calls beyond a hard quota',
      link: { to: paths.customers },
    },
  ]
}

function mrrTiles(revenue: Metrics['revenue']): Tile[] {
  const link = { to: paths.subscriptions, search: { state: 'open' } }
  if (revenue.length === 0) {
    return [{ label: 'MRR', value: NOTHING, note: 'no recurring revenue yet', link }]
  }
  return revenue.map(({ currency, mrrAtEnd, atRisk, change }) => ({
    label: revenue.length === 1 ? 'MRR' : `MRR in ${currency.toUpperCase()}`,
    value: formatAmount(mrrAtEnd),
    ...(change !== null && { change: Number(change) }),
    note: atRisk.amountMinor === 0 ? 'per month' : `${formatAmount(atRisk)} at risk`,
    link,
  }))
}

/** One value for each currency, named where there are several. */
function listed(
  revenue: Metrics['revenue'],
  value: (row: Metrics['revenue'][number]) => string | null,
): string {
  const known = revenue.flatMap((row) => {
    const text = value(row)
    return text === null ? [] : [{ text, currency: row.currency.toUpperCase() }]
  })
  if (known.length === 0) return NOTHING
  return known
    .map(({ text, currency }) => (known.length === 1 ? text : `${currency} ${text}`))
    .join(', ')
}
