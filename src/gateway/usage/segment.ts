import { crc32 } from 'node:zlib'
import { type Decimal, parseDecimal, ZERO } from '../../kit/decimal.ts'
import type { BilledRequest } from '../../platform/idempotency.ts'
import type { SeriesDefinition } from './series.ts'

/** What a segment holds of one series. */
export interface SeriesTotal {
  readonly series: SeriesDefinition
  readonly eventCount: number
  readonly value: Decimal
}

export interface SegmentContent {
  readonly totals: readonly SeriesTotal[]
  /** Not in the totals: whether they count is decided when they are counted. */
  readonly once: readonly OnceEvent[]
  /** Bytes after the last whole frame. */
  readonly tornBytes: number
}

/** What a call under an `Idempotency-Key` added. */
export interface OnceEvent extends BilledRequest {
  readonly series: SeriesDefinition
  readonly value: Decimal
}

export const MAGIC = Buffer.from('FBUSAGE1', 'latin1')
export const FRAME_HEADER_BYTES = 8
export const RECORD_DEFINE = 1
export const RECORD_USUAL = 2
export const RECORD_AMOUNT = 3
export const RECORD_ONCE = 4

interface RunningTotal {
  readonly series: SeriesDefinition
  readonly usualUnits: Decimal
  usualCount: number
  amountCount: number
  amount: bigint
}

/**
 * A segment is a file of usage events: what a gateway counted in about a second. It describes itself, so that any later
 * process counts it the same way, and it consists of frames, each the work of one turn of the event loop.
 *
 *     "FBUSAGE1"  then frames:  length u32 · crc32 u32 · payload
 *     payload:    1 id u32 · length u16 · JSON    defines a series
 *                 2 id u32                        one event of the series' usual units
 *                 3 id u32 · length u8 · decimal  one event of these units
 *                 4 id u32 · length u16 · JSON    one event of a call that counts once under its key
 *
 * All numbers are little-endian. A frame that is cut off or does not match its sum ends the segment: it was being
 * written when its process died, and no answer that depends on it was sent.
 */
export function readSegment(file: Buffer): SegmentContent {
  const totals = new Map<number, RunningTotal>()
  const once: OnceEvent[] = []
  let offset = file.subarray(0, MAGIC.length).equals(MAGIC) ? MAGIC.length : file.length + 1
  while (offset + FRAME_HEADER_BYTES <= file.length) {
    const end = offset + FRAME_HEADER_BYTES + file.readUInt32LE(offset)
    const payload = file.subarray(offset + FRAME_HEADER_BYTES, end)
    if (end > file.length || crc32(payload) !== file.readUInt32LE(offset + 4)) break
    readFrame(payload, totals, once)
    offset = end
  }
  return {
    totals: [...totals.values()]
      .map((total) => ({
        series: total.series,
        eventCount: total.usualCount + total.amountCount,
        value: (total.usualUnits * BigInt(total.usualCount) + total.amount) as Decimal,
      }))
      .filter(({ eventCount }) => eventCount > 0),
    once,
    tornBytes: Math.max(file.length - offset, 0),
  }
}

function readFrame(payload: Buffer, totals: Map<number, RunningTotal>, once: OnceEvent[]): void {
  let offset = 0
  while (offset < payload.length) {
    const kind = payload[offset]
    const id = payload.readUInt32LE(offset + 1)
    offset += 5
    const total = totals.get(id)
    if (kind === RECORD_DEFINE) {
      const length = payload.readUInt16LE(offset)
      const text = payload.toString('utf8', offset + 2, offset + 2 + length)
      offset += 2 + length
      totals.set(id, newTotal(JSON.parse(text) as SeriesDefinition))
    } else if (total === undefined) {
      throw new Error(`A usage segment mentions series ${id} before its definition`)
    } else if (kind === RECORD_USUAL) {
      total.usualCount++
    } else if (kind === RECORD_AMOUNT) {
      const length = payload.readUInt8(offset)
      const text = payload.toString('latin1', offset + 1, offset + 1 + length)
      offset += 1 + length
      total.amount += parseDecimal(text) ?? ZERO
      total.amountCount++
    } else if (kind === RECORD_ONCE) {
      const length = payload.readUInt16LE(offset)
      const text = payload.toString('utf8', offset + 2, offset + 2 + length)
      offset += 2 + length
      const { units, ...request } = JSON.parse(text) as BilledRequest & { units: string }
      once.push({ ...request, series: total.series, value: parseDecimal(units) ?? ZERO })
    } else throw new Error(`A usage segment has a record of the unknown kind ${kind}`)
  }
}

function newTotal(series: SeriesDefinition): RunningTotal {
  const usualUnits = parseDecimal(series.units) ?? ZERO
  return { series, usualUnits, usualCount: 0, amountCount: 0, amount: 0n }
}
