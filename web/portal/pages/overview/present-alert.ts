import type { ResponseOf } from '../../../../src/client/client.ts'

type Overview = ResponseOf<'get', '/api/v1/portal/overview'>
type Alert = Overview['alerts'][number]

export interface ShownAlert {
  readonly tone: 'info' | 'warning' | 'danger'
  readonly message: string
  /** Where something can be done about it. */
  readonly act: 'plans' | 'billing' | 'payment' | 'invoices' | 'keep' | null
}

const SHOWN: Record<Alert['kind'], Omit<ShownAlert, 'message'>> = {
  no_subscription: { tone: 'info', act: 'plans' },
  paused: { tone: 'warning', act: 'billing' },
  access_denied: { tone: 'danger', act: null },
  payment_overdue: { tone: 'danger', act: 'payment' },
  payment_blocked: { tone: 'danger', act: 'invoices' },
  quota_approaching: { tone: 'warning', act: 'plans' },
  quota_exceeded: { tone: 'danger', act: 'plans' },
  ending: { tone: 'warning', act: 'keep' },
  suspended: { tone: 'danger', act: null },
}

/** What needs attention. A fresh account is not alarmed: it gets its next steps instead. */
export function shownAlerts({ alerts, subscription, paymentProblem }: Overview): ShownAlert[] {
  return (
    alerts
      .filter(({ kind }) => kind !== 'no_subscription' || subscription !== null)
      // The payment itself says more than that it is overdue.
      .filter(({ kind }) => paymentProblem === null || !kind.startsWith('payment_'))
      // It ends because another plan begins.
      .filter(({ kind }) => kind !== 'ending' || subscription?.change?.state !== 'scheduled')
      .map(({ kind, message }) => ({ ...SHOWN[kind], message: withDates(message) }))
  )
}

/** The API writes days as 2026-03-16; people here read `Mar 16, 2026`. */
function withDates(message: string): string {
  const format = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' })
  return message
    .replaceAll(/\b\d{4}-\d\d-\d\d\b/g, (day) => format.format(new Date(day)))
    .replaceAll(' %', '%')
}
