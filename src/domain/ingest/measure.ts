import { type Decimal, decimal, parseDecimal } from '../../kit/decimal.ts'
import type { Meter } from '../catalog/meter.ts'
import { formatDimension } from '../metering/dimension.ts'
import { type EventResult, rejected, type UsageEvent } from './usage-event.ts'

/** What one event gives one meter. */
export interface Measurement {
  readonly meter: Meter
  readonly value: Decimal
  readonly text: string
  readonly dimension: string
}

/** Everything an event gives, or why it cannot: a meter that takes events of this type found no value in it. */
export function measure(
  { type, data }: UsageEvent,
  meters: readonly Meter[],
): readonly Measurement[] | EventResult {
  const measurements: Measurement[] = []
  for (const meter of meters) {
    if (meter.archivedAt !== null || meter.eventType !== type || !passes(data, meter)) continue
    const found = meter.valueProperty === null ? '1' : textAt(data, meter.valueProperty)
    const value = meter.aggregation === 'unique' ? decimal(1) : parseDecimal(found ?? '')
    if (found === undefined || value === undefined) {
      const what = meter.aggregation === 'unique' ? 'a value' : 'a decimal number'
      return rejected(
        'value_missing',
        `the meter ${meter.key} needs ${what} at data.${meter.valueProperty ?? ''}`,
      )
    }
    const dimension = formatDimension(
      Object.fromEntries(
        Object.entries(meter.groupBy).map(([name, path]) => [name, textAt(data, path) ?? '']),
      ),
    )
    measurements.push({ meter, value, text: found, dimension })
  }
  return measurements
}

function passes(data: UsageEvent['data'], { filters }: Meter): boolean {
  return Object.entries(filters).every(([path, allowed]) =>
    allowed.includes(textAt(data, path) ?? ''),
  )
}

/** `tokens.total`, or `$.tokens.total` as others write it. Numbers as they are written in JSON, never in powers of ten. */
function textAt(data: unknown, path: string): string | undefined {
  const found = path
    .replace(/^\$\.?/, '')
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      data,
    )
  if (typeof found === 'string' || typeof found === 'boolean') return String(found)
  if (typeof found !== 'number' || !Number.isFinite(found)) return undefined
  return /e/i.test(String(found)) ? found.toFixed(12).replace(/\.?0+$/, '') : String(found)
}
