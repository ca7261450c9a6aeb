import { add, type Decimal, decimal, ZERO } from '../../kit/decimal.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'

export function seriesOf(meter: string, customer: string): string {
  return `${meter}/${customer}`
}

interface UsageQuery {
  readonly meter: string
  readonly customer: string
  /** Half-open, in seconds. */
  readonly from: number
  readonly to: number
}

interface UsageEvent {
  readonly timestamp: number
  readonly value: Decimal
  readonly order: number
}

/** What a meter says of a customer's usage in a time: of everything that counts by now. */
export function measureUsage(tx: Transaction, query: UsageQuery): Decimal {
  return measure(tx, query, ({ timestamp }) => timestamp >= query.from && timestamp < query.to)
}

/** What a meter says of everything that was reported since an instant of the realm's clock, whatever time it is for. */
export function measureReported(
  tx: Transaction,
  query: { readonly meter: string; readonly customer: string; readonly since: number },
): Decimal {
  return measure(tx, query, ({ receivedAt }) => receivedAt >= query.since)
}

function measure(
  tx: Transaction,
  query: { readonly meter: string; readonly customer: string },
  isWanted: (event: Documents['meter_event']) => boolean,
): Decimal {
  const meter = tx.get('billing.meter', query.meter)
  const events = tx
    .where('meter_event', 'series', seriesOf(query.meter, query.customer))
    .filter((event) => event.state === 'counted' && isWanted(event))
    .map((event) => ({
      timestamp: event.timestamp,
      value: decimal(event.value),
      order: tx.orderOf('meter_event', event.id),
    }))
  return aggregate(newestPerWindow(events, meter), meter.default_aggregation.formula)
}

/** With an event window, only the newest event of each hour or day stands. */
function newestPerWindow(
  events: readonly UsageEvent[],
  meter: Documents['billing.meter'],
): readonly UsageEvent[] {
  if (meter.event_time_window === null) return events
  const seconds = meter.event_time_window === 'hour' ? 3_600 : 86_400
  const windows = new Map<number, UsageEvent>()
  for (const event of events) {
    const window = Math.floor(event.timestamp / seconds)
    const known = windows.get(window)
    if (known === undefined || isNewer(event, known)) windows.set(window, event)
  }
  return [...windows.values()]
}

function aggregate(events: readonly UsageEvent[], formula: 'sum' | 'count' | 'last'): Decimal {
  switch (formula) {
    case 'count':
      return decimal(events.length)
    case 'sum':
      return events.reduce((sum, event) => add(sum, event.value), ZERO)
    case 'last': {
      const [first, ...rest] = events
      if (first === undefined) return ZERO
      return rest.reduce((newest, event) => (isNewer(event, newest) ? event : newest), first).value
    }
  }
}

/** Of two events of the same second the later report is the newer. */
function isNewer(a: UsageEvent, b: UsageEvent): boolean {
  return a.timestamp === b.timestamp ? a.order > b.order : a.timestamp > b.timestamp
}
