import { type Decimal, decimal, formatDecimal, parseDecimal } from '../../kit/decimal.ts'
import type { Meter } from '../catalog/meter.ts'
import { formatDimension } from '../metering/dimension.ts'
import { propertyText } from '../metering/property.ts'
import { MOST_UNITS } from '../metering/usage.ts'
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
  { type, data }: Pick<UsageEvent, 'type' | 'data'>,
  meters: readonly Meter[],
): readonly Measurement[] | EventResult {
  const measurements: Measurement[] = []
  for (const meter of meters) {
    if (meter.archivedAt !== null || meter.eventType !== type || !passes(data, meter)) continue
    const found = meter.valueProperty === null ? '1' : propertyText(data, meter.valueProperty)
    const value = meter.aggregation === 'unique' ? decimal(1) : parseDecimal(found ?? '')
    if (found === undefined || value === undefined) {
      const what = meter.aggregation === 'unique' ? 'a value' : 'a decimal number'
      return rejected(
        'value_missing',
        `the meter ${meter.key} needs ${what} at data.${meter.valueProperty ?? ''}`,
      )
    }
    if (value > MOST_UNITS || value < -MOST_UNITS) {
      return rejected(
        'value_out_of_range',
        `the meter ${meter.key} takes at most ${formatDecimal(MOST_UNITS)} at data.${meter.valueProperty ?? ''}`,
      )
    }
    const dimension = formatDimension(
      Object.fromEntries(
        Object.entries(meter.groupBy).map(([name, path]) => [name, propertyText(data, path) ?? '']),
      ),
    )
    measurements.push({ meter, value, text: found, dimension })
  }
  return measurements
}

function passes(data: UsageEvent['data'], { filters }: Meter): boolean {
  return Object.entries(filters).every(([path, allowed]) =>
    allowed.includes(propertyText(data, path) ?? ''),
  )
}
