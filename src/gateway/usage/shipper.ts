import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { add, type Decimal, multiply, ONE, parseDecimal, ZERO } from '../../kit/decimal.ts'
import type { Metering } from '../../domain/metering/service.ts'
import type { UsageDelta } from '../../domain/metering/usage.ts'
import type { QuotaAuthority } from '../../domain/entitlements/quota-authority.service.ts'
import type { Settlement } from '../../domain/entitlements/quota.ts'
import { lockFolder } from '../../platform/database/folder-lock.ts'
import type { Log } from '../../platform/log.ts'
import { readSegment, type SegmentContent, type SeriesTotal } from './segment.ts'
import { OPEN_SUFFIX, SEALED_SUFFIX } from './usage-log.ts'

/**
 * Takes sealed segments to the database, in order and under each producer's fence: a segment that was counted before a
 * crash is recognized and adds nothing. Logs of producers that died are finished on their behalf.
 */
export interface Shipper {
  /** Counts what is sealed now. Rejects when the database does not take it; the files stay. */
  ship(): Promise<void>
  /** Finishes the logs of dead producers, and takes back the quota units they had not spent. */
  recover(): Promise<void>
  /** Ships what is left and stops. */
  close(): Promise<void>
  /** Segments that wait for the database. */
  backlog(): number
}

interface ShipperOptions {
  readonly folder: string
  readonly metering: Pick<Metering, 'applyBatch' | 'lastSequence'>
  readonly quotas: QuotaAuthority
  readonly log: Log
}

const DAMAGED_SUFFIX = '.damaged'
const RETRY_MS = 1_000
const RECOVER_INTERVAL_MS = 5_000

export function createShipper({ folder, metering, quotas, log }: ShipperOptions): Shipper {
  mkdirSync(folder, { recursive: true })
  let running: Promise<void> | undefined
  let isAskedAgain = false
  let recovering: Promise<void> | undefined
  let isClosed = false
  let isFailing = false
  const retryTimer = setInterval(() => {
    if (isFailing) ship().catch(() => undefined)
  }, RETRY_MS)
  const recoverTimer = setInterval(() => void recover(), RECOVER_INTERVAL_MS)
  retryTimer.unref()
  recoverTimer.unref()

  /** One at a time; who asks meanwhile gets a run that starts after asking. */
  function ship(): Promise<void> {
    if (running !== undefined) {
      isAskedAgain = true
      return running
    }
    running = shipUntilQuiet().finally(() => {
      running = undefined
    })
    return running
  }

  async function shipUntilQuiet(): Promise<void> {
    do {
      isAskedAgain = false
      const results = await Promise.allSettled(producersIn(folder).map(shipProducer))
      const failure = results.find((result) => result.status === 'rejected')
      if (failure === undefined) {
        if (isFailing) log.info('usage.ship_recovered')
        isFailing = false
        continue
      }
      if (!isFailing) log.error('usage.ship_failed', { error: failure.reason as unknown })
      isFailing = true
      throw failure.reason
    } while (isAskedAgain)
  }

  async function shipProducer(producerId: string): Promise<void> {
    for (const name of sealedIn(join(folder, producerId))) {
      const file = join(folder, producerId, name)
      const sequence = Number(name.slice(0, -SEALED_SUFFIX.length))
      const content = await read(file)
      if (content === undefined) continue
      const { totals, once, tornBytes } = content
      if (tornBytes > 0) log.warn('usage.torn_segment', { producerId, sequence, tornBytes })
      const calls = once.map((event) => ({ ...event, delta: toDelta({ ...event, eventCount: 1 }) }))
      const deltas = totals.map(toDelta)
      const { counting } = await metering.applyBatch(producerId, sequence, deltas, calls)
      const { billed = [], unbilled = [] } = Object.groupBy(once, ({ requestId }) =>
        counting.has(requestId) ? 'billed' : 'unbilled',
      )
      await quotas.settle(producerId, sequence, settlementsOf([...totals, ...billed], unbilled))
      await unlink(file)
    }
  }

  /** A segment nobody can read must not hold up those behind it; it is kept for people to look at. */
  async function read(file: string): Promise<SegmentContent | undefined> {
    const bytes = await readFile(file)
    try {
      return readSegment(bytes)
    } catch (error) {
      log.error('usage.damaged_segment', { file, error })
      renameSync(file, file.replace(SEALED_SUFFIX, DAMAGED_SUFFIX))
      return undefined
    }
  }

  function recover(): Promise<void> {
    recovering ??= recoverAll().finally(() => {
      recovering = undefined
    })
    return recovering
  }

  async function recoverAll(): Promise<void> {
    for (const producerId of producersIn(folder)) {
      const own = join(folder, producerId)
      if (isKeptForPeople(own)) continue
      // Only a producer that is alive holds its lock.
      const lock = lockFolder(own)
      if (lock === undefined) continue
      try {
        sealLeftovers(own)
        await ship()
        await quotas.retire(producerId)
        if (!isKeptForPeople(own)) rmSync(own, { recursive: true, force: true })
        log.info('usage.producer_retired', { producerId })
      } catch (error) {
        log.error('usage.recovery_failed', { producerId, error })
      } finally {
        lock.release()
      }
    }
  }

  function backlog(): number {
    return producersIn(folder).reduce((n, id) => n + sealedIn(join(folder, id)).length, 0)
  }

  return {
    ship: () => (isClosed ? Promise.resolve() : ship()),
    recover,
    backlog,
    async close() {
      clearInterval(retryTimer)
      clearInterval(recoverTimer)
      await ship().catch(() => undefined)
      // A run that began before the last producer closed would leave that one out.
      await recovering
      await recover()
      isClosed = true
    },
  }
}

function producersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('producer_'))
    .map(({ name }) => name)
    .toSorted()
}

/** Only damaged segments are left. */
function isKeptForPeople(folder: string): boolean {
  const names = readdirSync(folder)
  const isCounted = !names.some((name) => /\.(?:open|sealed)$/.test(name))
  return isCounted && names.some((name) => name.endsWith(DAMAGED_SUFFIX))
}

/** Names are numbers of one length, so their order is the order of the segments. */
function sealedIn(folder: string): string[] {
  // A producer may have been retired since it was listed.
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith(SEALED_SUFFIX))
    .toSorted()
}

/** What a dead producer was writing: its whole frames count. */
function sealLeftovers(folder: string): void {
  for (const name of readdirSync(folder).filter((file) => file.endsWith(OPEN_SUFFIX))) {
    const base = join(folder, name.slice(0, -OPEN_SUFFIX.length))
    renameSync(base + OPEN_SUFFIX, base + SEALED_SUFFIX)
  }
}

function toDelta({ series, eventCount, value }: SeriesTotal): UsageDelta {
  const { units: _units, quotas: _quotas, ...rest } = series
  return { ...rest, eventCount, value }
}

type Taken = Pick<SeriesTotal, 'series' | 'value'>

function settlementsOf(billed: readonly Taken[], unbilled: readonly Taken[]): Settlement[] {
  const settled = new Map<string, Settlement>()
  const note = ({ series, value }: Taken, isBilled: boolean): void => {
    for (const { quotaKey, window, budgetOf, worth, credit } of series.quotas) {
      const { mode } = series
      const subscriptionId = budgetOf ?? series.subscriptionId
      const id = `${mode} ${subscriptionId} ${quotaKey} ${window.startsAt}`
      const taken = worth === undefined ? value : worthOf(value, worth)
      const known = settled.get(id)
      const units = add(known?.units ?? ZERO, isBilled ? taken : ZERO)
      const returned = add(known?.unbilled ?? ZERO, isBilled ? ZERO : taken)
      const key = { mode, subscriptionId, quotaKey, window, ...(credit && { credit }) }
      settled.set(id, { ...key, units, unbilled: returned })
    }
  }
  for (const each of billed) note(each, true)
  for (const each of unbilled) note(each, false)
  return [...settled.values()].filter((each) => each.units !== ZERO || each.unbilled !== ZERO)
}

function worthOf(units: Decimal, worth: string): Decimal {
  return (multiply(units, parseDecimal(worth) ?? ZERO) / ONE) as Decimal
}
