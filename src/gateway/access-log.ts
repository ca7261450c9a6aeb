import { close, fstatSync, openSync, statSync, write } from 'node:fs'
import { add, type Decimal, formatDecimal, ZERO } from '../kit/decimal.ts'
import type { Clock } from '../kit/clock.ts'
import { type Instant, SECOND_MS } from '../kit/instant.ts'
import type { Log } from '../platform/log.ts'
import type { Terms } from './access/terms.ts'
import { BILLED, type Outcome } from './decisions/memory.ts'
import type { Exchange } from './exchange.ts'
import { statusOf } from './refusal.ts'

/** Where the access log goes. */
export interface AccessLogSettings {
  /** A file, or `-` for standard output. */
  readonly target: string
  /** Whether queries are logged: they often hold what nobody should read. */
  readonly hasQuery: boolean
}

/**
 * One line of JSON for each request, for tools that read logs. A request only adds to a buffer; another thread writes
 * it. When it cannot be written as fast as requests come, lines are dropped and counted, and requests are not.
 */
export interface AccessLog {
  note(exchange: Exchange, outcome: Outcome, status: number, costs: readonly Decimal[]): void
  /** Lines dropped since the last time somebody asked. */
  takeDropped(): number
  /** What is buffered is written, or given up. */
  close(): Promise<void>
}

interface AccessLogOptions extends AccessLogSettings {
  readonly clock: Clock
  readonly log: Log
}

export const STANDARD_OUTPUT = '-'
const STDOUT_FD = 1
const FLUSH_MS = 200
/** Written at once when so much has come together. */
const PIECE_CHARACTERS = 64 * 1024
/** Some seconds of a busy gateway. */
const LARGEST_BACKLOG_CHARACTERS = 8 * 1024 * 1024
/** A file that was moved away for rotation is noticed within this time. */
const LOOK_FOR_ROTATION_MS = SECOND_MS
const CLOSE_MS = 2 * SECOND_MS

export function createAccessLog(options: AccessLogOptions): AccessLog {
  const { target, hasQuery, clock, log } = options
  let buffer = ''
  let dropped = 0
  let writing: Promise<void> | undefined
  let fd: number | undefined = target === STANDARD_OUTPUT ? STDOUT_FD : undefined
  let lookedAt = 0
  let isFailing = false
  const timer = setInterval(flush, FLUSH_MS)
  timer.unref()
  const lineOf = createLines(hasQuery)

  function note(
    exchange: Exchange,
    outcome: Outcome,
    status: number,
    costs: readonly Decimal[],
  ): void {
    if (buffer.length > LARGEST_BACKLOG_CHARACTERS) {
      dropped++
      return
    }
    buffer += lineOf(exchange, outcome, status, costs, clock.now())
    if (buffer.length > PIECE_CHARACTERS) flush()
  }

  function flush(): void {
    if (buffer === '' || writing !== undefined) return
    writing = writeOut().finally(() => {
      writing = undefined
    })
  }

  async function writeOut(): Promise<void> {
    const text = buffer
    buffer = ''
    try {
      await writeAll(current(), Buffer.from(text, 'utf8'))
      if (isFailing) log.info('gateway.access_log_recovered', { target })
      isFailing = false
    } catch (error) {
      dropped += linesIn(text)
      if (!isFailing) log.error('gateway.access_log_failed', { target, error })
      isFailing = true
      reopen()
    }
  }

  /** The open file; when something else is at its path, or nothing, it was rotated and a new one is begun. */
  function current(): number {
    const now = clock.now()
    if (fd !== undefined && target !== STANDARD_OUTPUT && now - lookedAt >= LOOK_FOR_ROTATION_MS) {
      lookedAt = now
      if (!isSameFile(fd, target)) reopen()
    }
    // Processes share the file: each piece is appended as a whole.
    fd ??= openSync(target, 'a', 0o640)
    return fd
  }

  function hasWork(): boolean {
    return buffer !== '' || writing !== undefined
  }

  function reopen(): void {
    if (fd === undefined || target === STANDARD_OUTPUT) return
    close(fd, () => undefined)
    fd = undefined
  }

  return {
    note,
    takeDropped() {
      const taken = dropped
      dropped = 0
      return taken
    },
    async close() {
      clearInterval(timer)
      const deadline = Date.now() + CLOSE_MS
      while (hasWork() && Date.now() < deadline) {
        flush()
        await Promise.race([
          writing,
          new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref()),
        ])
      }
      reopen()
    },
  }
}

function isSameFile(fd: number, path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false })
  if (there === undefined) return false
  const ours = fstatSync(fd)
  return there.ino === ours.ino && there.dev === ours.dev
}

async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += await new Promise<number>((resolve, reject) => {
      write(fd, bytes, done, bytes.length - done, null, (error, written) => {
        if (error === null) resolve(written)
        else reject(error)
      })
    })
  }
}

function linesIn(text: string): number {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

/** Texts that are the same for many requests are made once. */
function createLines(hasQuery: boolean) {
  let secondAt = -1
  let second = ''
  const fixedCosts = new WeakMap<Terms, string>()

  function timeText(at: Instant): string {
    const startOfSecond = at - (at % SECOND_MS)
    if (startOfSecond !== secondAt) {
      secondAt = startOfSecond
      second = new Date(startOfSecond).toISOString().slice(0, -4)
    }
    return `${second}${String(at - startOfSecond).padStart(3, '0')}Z`
  }

  function costText(terms: Terms | null, costs: readonly Decimal[]): string {
    if (terms === null) return '{}'
    const known = costs.length === 0 ? fixedCosts.get(terms) : undefined
    if (known !== undefined) return known
    const units = terms.charges.map(({ meterKey, fixed }, i) => [
      meterKey,
      formatDecimal(add(fixed, costs[i] ?? ZERO)),
    ])
    const text = JSON.stringify(Object.fromEntries(units))
    if (costs.length === 0) fixedCosts.set(terms, text)
    return text
  }

  return (
    exchange: Exchange,
    outcome: Outcome,
    status: number,
    costs: readonly Decimal[],
    now: Instant,
  ): string => {
    const { id, at, access, route, method, path, query, refusal, bytes } = exchange
    const record = access?.record
    const isBilled = refusal === null && outcome === BILLED
    return (
      `{"time":"${timeText(at)}","requestId":"${id}"` +
      `,"keyId":${textOrNull(record?.keyId)},"customerId":${textOrNull(record?.customerId)}` +
      `,"route":${textOrNull(route?.route.key)},"method":${JSON.stringify(method)}` +
      `,"path":${JSON.stringify(hasQuery ? path + query : path)}` +
      `,"status":${refusal === null ? status : statusOf(refusal)}` +
      `,"code":${textOrNull(refusal?.code)},"durationMs":${Math.max(now - at, 0)},"bytes":${bytes}` +
      `,"upstream":${textOrNull(exchange.hasUpstream ? route?.upstream.upstream.key : undefined)}` +
      `,"cost":${isBilled ? costText(exchange.terms, costs) : '{}'}}\n`
    )
  }
}

/** For our own ids and keys, which need no escaping. */
function textOrNull(text: string | undefined): string {
  return text === undefined ? 'null' : `"${text}"`
}
