import {
  close,
  closeSync,
  fdatasync,
  fsync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { newId } from '../../kit/id.ts'
import { type FolderLock, lockFolder } from '../../platform/database/folder-lock.ts'
import type { BilledRequest } from '../../platform/idempotency.ts'
import type { Log } from '../../platform/log.ts'
import {
  FRAME_HEADER_BYTES,
  MAGIC,
  RECORD_AMOUNT,
  RECORD_DEFINE,
  RECORD_ONCE,
  RECORD_USUAL,
} from './segment.ts'
import type { Series } from './series.ts'

/**
 * `process`: an answer leaves when its usage is in the hands of the operating system; `kill -9` of anything loses
 * nothing, a power failure up to a second. `power`: it leaves when the disk has it; nothing is ever lost.
 */
export type Durability = 'process' | 'power'

/** Somebody who may go on once everything added so far is written. */
export interface Recorded {
  written(): void
}

export interface UsageLog {
  readonly producerId: string
  /** One event of a series; without `units`, of its usual units. */
  add(series: Series, units?: string): void
  /** The same of a call that counts once under its `Idempotency-Key`, whoever else is billed for it. */
  addOnce(series: Series, units: string, request: BilledRequest): void
  /** Calls `written` at the end of this turn of the event loop, or when the disk has it. Order is kept. */
  afterWrite(recorded: Recorded): void
  /** Writes what is waiting and closes the segment; resolves when it is sealed and can be counted. */
  seal(): Promise<void>
  /** False while the log cannot be written; events wait in memory then. */
  isWritable(): boolean
  /** No more events fit into memory: nothing metered may be served. */
  isFull(): boolean
  close(): Promise<void>
}

export interface UsageLogOptions {
  /** The folder of all producers of this machine; the log makes its own in it. */
  readonly folder: string
  readonly durability: Durability
  readonly sealIntervalMs: number
  readonly log: Log
  /** A segment is ready to be counted. */
  readonly onSealed: (producerId: string) => void
}

const FIRST_BUFFER_BYTES = 64 * 1024
const LARGEST_BUFFER_BYTES = 64 * 1024 * 1024
const RETRY_MS = 500

export const OPEN_SUFFIX = '.open'
export const SEALED_SUFFIX = '.sealed'

export function createUsageLog(options: UsageLogOptions): UsageLog {
  const { durability, log, onSealed } = options
  const producerId = newId('producer')
  const folder = join(options.folder, producerId)
  mkdirSync(folder, { recursive: true })
  const lock = holdLock(folder)

  let buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES)
  let used = FRAME_HEADER_BYTES
  let waiting: Recorded[] = []
  let isScheduled = false
  let syncing: Promise<void> | undefined
  let isFailing = false
  let sequence = 0
  let file: OpenSegment | undefined
  let nextSeriesId = 1
  let sealing: Promise<void> = Promise.resolve()
  let retryTimer: NodeJS.Timeout | undefined
  const sealTimer = setInterval(() => void seal(), options.sealIntervalMs)
  sealTimer.unref()

  function reserve(bytes: number): void {
    if (used + bytes <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, used + bytes))
    buffer.copy(larger, 0, 0, used)
    buffer = larger
  }

  function add(series: Series, units?: string): void {
    if (series.segment !== sequence) define(series)
    reserve(64)
    buffer[used] = units === undefined ? RECORD_USUAL : RECORD_AMOUNT
    used = buffer.writeUInt32LE(series.id, used + 1)
    if (units !== undefined) {
      buffer[used] = units.length
      used += 1 + buffer.write(units, used + 1, 'latin1')
    }
    schedule()
  }

  function addOnce(series: Series, units: string, request: BilledRequest): void {
    if (series.segment !== sequence) define(series)
    const text = Buffer.from(JSON.stringify({ ...request, units }), 'utf8')
    reserve(7 + text.length)
    buffer[used] = RECORD_ONCE
    used = buffer.writeUInt32LE(series.id, used + 1)
    used = buffer.writeUInt16LE(text.length, used)
    used += text.copy(buffer, used)
    schedule()
  }

  function define(series: Series): void {
    series.segment = sequence
    series.id = nextSeriesId++
    const text = Buffer.from(JSON.stringify(series.definition), 'utf8')
    reserve(7 + text.length)
    buffer[used] = RECORD_DEFINE
    used = buffer.writeUInt32LE(series.id, used + 1)
    used = buffer.writeUInt16LE(text.length, used)
    used += text.copy(buffer, used)
  }

  function schedule(): void {
    if (isScheduled) return
    isScheduled = true
    setImmediate(endOfTurn)
  }

  function endOfTurn(): void {
    isScheduled = false
    if (syncing !== undefined) return
    write()
    if (durability === 'power' && file !== undefined && waiting.length > 0) {
      const released = waiting
      waiting = []
      syncing = sync(file.fd).then(() => {
        syncing = undefined
        release(released)
        if (used > FRAME_HEADER_BYTES || waiting.length > 0) schedule()
      })
    } else if (waiting.length > 0) {
      const released = waiting
      waiting = []
      release(released)
    }
  }

  /** One system call for all events of the turn. */
  function write(): void {
    if (used === FRAME_HEADER_BYTES || isFailing) return
    try {
      file ??= openSegment(folder, sequence)
      buffer.writeUInt32LE(used - FRAME_HEADER_BYTES, 0)
      buffer.writeUInt32LE(crc32(buffer.subarray(FRAME_HEADER_BYTES, used)), 4)
      file.length = writeAt(file.fd, buffer.subarray(0, used), file.length)
      used = FRAME_HEADER_BYTES
      if (buffer.length > 16 * FIRST_BUFFER_BYTES) buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES)
    } catch (error) {
      log.error('usage.write_failed', { producerId, waitingBytes: used, error })
      // The events stay in memory; the next try writes over what may have been written of them.
      fail()
    }
  }

  function fail(): void {
    isFailing = true
    clearTimeout(retryTimer)
    retryTimer = setTimeout(() => {
      isFailing = false
      schedule()
    }, RETRY_MS)
  }

  async function sync(fd: number): Promise<void> {
    const error = await attempt((done) => fdatasync(fd, done))
    if (error === null) return
    // Nobody knows what the disk has; routes decide what to do until it takes something again.
    log.error('usage.sync_failed', { producerId, error })
    fail()
  }

  function release(released: readonly Recorded[]): void {
    for (const recorded of released) {
      try {
        recorded.written()
      } catch (error) {
        log.error('usage.release_failed', { error })
      }
    }
  }

  async function seal(): Promise<void> {
    await syncing
    write()
    // With events left over the disk is failing, and they belong to this segment's series.
    if (file !== undefined && used === FRAME_HEADER_BYTES) {
      const { fd, name } = file
      file = undefined
      sequence++
      nextSeriesId = 1
      sealing = sealing.then(() => finish(fd, name))
    }
    await sealing
  }

  async function finish(fd: number, name: string): Promise<void> {
    await sync(fd)
    await attempt((done) => close(fd, done))
    try {
      renameSync(name + OPEN_SUFFIX, name + SEALED_SUFFIX)
      await syncFolder(folder)
      onSealed(producerId)
    } catch (error) {
      log.error('usage.seal_failed', { producerId, segment: name, error })
    }
  }

  return {
    producerId,
    add,
    addOnce,
    afterWrite(recorded) {
      waiting.push(recorded)
      schedule()
    },
    seal,
    isWritable: () => !isFailing,
    isFull: () => used > LARGEST_BUFFER_BYTES,
    async close() {
      clearInterval(sealTimer)
      clearTimeout(retryTimer)
      isFailing = false
      await seal()
      endOfTurn()
      lock.release()
    },
  }
}

interface OpenSegment {
  readonly fd: number
  readonly name: string
  /** Up to here the file consists of whole frames. */
  length: number
}

/** A full disk may still have room for a name: what is there of a segment that was not begun is begun again. */
function openSegment(folder: string, sequence: number): OpenSegment {
  const name = join(folder, segmentName(sequence + 1))
  const fd = openSync(name + OPEN_SUFFIX, 'w')
  try {
    return { fd, name, length: writeAt(fd, MAGIC, 0) }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function segmentName(sequence: number): string {
  return String(sequence).padStart(12, '0')
}

function writeAt(fd: number, bytes: Buffer, position: number): number {
  let done = 0
  while (done < bytes.length) {
    done += writeSync(fd, bytes, done, bytes.length - done, position + done)
  }
  return position + bytes.length
}

function attempt(start: (done: (error: Error | null) => void) => void): Promise<Error | null> {
  return new Promise((resolve) => start((error) => resolve(error ?? null)))
}

/** Makes the new name itself survive a power failure. */
async function syncFolder(folder: string): Promise<void> {
  const fd = openSync(folder, 'r')
  await attempt((done) => fsync(fd, done))
  closeSync(fd)
}

function holdLock(folder: string): FolderLock {
  const lock = lockFolder(folder)
  if (lock === undefined) throw new Error(`The new usage folder ${folder} is locked already`)
  return lock
}
