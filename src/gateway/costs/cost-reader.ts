import type { IncomingHttpHeaders } from 'node:http'
import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib'
import type { CostRule, CostSource } from '../../domain/routing/route.ts'
import { propertyText } from '../../domain/metering/property.ts'
import {
  add,
  type Decimal,
  decimal,
  divideRounded,
  multiply,
  ONE,
  parseDecimal,
  ZERO,
} from '../../kit/decimal.ts'
import type { Terms } from '../access/terms.ts'
import { MOST_UNITS } from '../../domain/metering/usage.ts'
import { EventStream } from './event-stream.ts'

/** Larger answers in JSON, and compressed ones, are passed on unread; their cost is the estimate. */
const LARGEST_KEPT = 4 * 1024 * 1024
const KINDS_OF_BODIES = new Set<CostSource['kind']>(['json', 'sse_json', 'sse_events'])

/**
 * Finds out what an answer cost while it passes. What cannot be found in a complete answer costs its estimate: a field
 * that an API forgot must not make its calls free.
 */
export class CostReader {
  readonly #terms: Terms
  /** Its bodies are read, so they must not be compressed. */
  readonly readsBody: boolean
  readonly #properties: readonly string[]
  #requestBytes = 0
  #responseBytes = 0
  #headers: IncomingHttpHeaders = {}
  /** What is read when it is complete: JSON, and whatever is compressed. */
  #kept: Buffer[] | null = null
  #keptBytes = 0
  #events: EventStream | null = null
  #eventCount = 0
  readonly #found = new Map<string, Decimal>()

  constructor(terms: Terms) {
    this.#terms = terms
    const sources = terms.charges.flatMap(({ costs }) => costs.map(({ source }) => source))
    this.readsBody = sources.some(({ kind }) => KINDS_OF_BODIES.has(kind))
    this.#properties = sources.flatMap((source) =>
      source.kind === 'sse_json' ? [source.property] : [],
    )
    if (sources.some(({ kind }) => kind === 'json')) this.#kept = []
    if (sources.some(({ kind }) => kind === 'sse_json' || kind === 'sse_events')) {
      this.#events = new EventStream((data) => this.#event(data))
    }
  }

  requestData(bytes: number): void {
    this.#requestBytes += bytes
  }

  responseHead(headers: IncomingHttpHeaders): void {
    this.#headers = headers
    if (headers['content-type']?.startsWith('text/event-stream') !== true) this.#events = null
    else this.#kept = this.#events !== null && this.#isEncoded() ? [] : null
  }

  #isEncoded(): boolean {
    const { 'content-encoding': encoding = 'identity' } = this.#headers
    return encoding !== 'identity'
  }

  responseData(chunk: Buffer): void {
    this.#responseBytes += chunk.length
    if (this.#kept === null) {
      this.#events?.read(chunk)
      return
    }
    this.#keptBytes += chunk.length
    if (this.#keptBytes <= LARGEST_KEPT) this.#kept.push(Buffer.from(chunk))
    else {
      this.#kept = null
      this.#events = null
    }
  }

  #event(data: string): void {
    this.#eventCount++
    if (this.#properties.length === 0 || !data.startsWith('{')) return
    const document = parseJson(data)
    for (const property of this.#properties) {
      const amount = parseDecimal(propertyText(document, property) ?? '')
      if (amount !== undefined) this.#found.set(property, amount)
    }
  }

  /** In the order of the charges; undefined where nothing costs. */
  costs(isComplete: boolean): Decimal[] {
    const text = this.#kept === null ? undefined : this.#text(this.#kept)
    if (text === undefined && this.#kept !== null) this.#events = null
    else if (text !== undefined) this.#events?.read(text)
    const document =
      text === undefined || this.#events !== null ? undefined : parseJson(text.toString('utf8'))
    return this.#terms.charges.map(({ costs }) =>
      costs.reduce((sum, rule) => add(sum, this.#costOf(rule, document, isComplete)), ZERO),
    )
  }

  #costOf(rule: CostRule, document: unknown, isComplete: boolean): Decimal {
    const amount = this.#amountOf(rule.source, document)
    const cost = amount === undefined ? undefined : times(amount, decimal(rule.factor))
    if (cost !== undefined && cost >= ZERO && cost <= MOST_UNITS) return cost
    return isComplete ? decimal(rule.estimate) : ZERO
  }

  #amountOf(source: CostSource, document: unknown): Decimal | undefined {
    switch (source.kind) {
      case 'request_bytes':
        return decimal(this.#requestBytes)
      case 'response_bytes':
        return decimal(this.#responseBytes)
      case 'response_header':
        return parseDecimal(String(this.#headers[source.name.toLowerCase()] ?? ''))
      case 'json':
        return parseDecimal(propertyText(document, source.property) ?? '')
      case 'sse_json':
        return this.#found.get(source.property)
      case 'sse_events':
        return this.#events === null ? undefined : decimal(this.#eventCount)
      case 'websocket_messages':
        // Counted by the tunnel, message by message.
        return ZERO
    }
  }

  /** Undefined when it is not what its header says. Of a stream that broke off, what came of it. */
  #text(parts: readonly Buffer[]): Buffer | undefined {
    const bytes = Buffer.concat(parts)
    const maxOutputLength = 4 * LARGEST_KEPT
    const limit = { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH }
    try {
      switch (this.#headers['content-encoding']) {
        case 'gzip':
        case 'x-gzip':
          return gunzipSync(bytes, limit)
        case 'br':
          return brotliDecompressSync(bytes, {
            maxOutputLength,
            finishFlush: constants.BROTLI_OPERATION_FLUSH,
          })
        case 'deflate':
          return inflateSync(bytes, limit)
        case undefined:
        case 'identity':
          return bytes
        default:
          return undefined
      }
    } catch {
      return undefined
    }
  }
}

/** A product of two decimals, rounded once to what decimals hold. */
function times(a: Decimal, b: Decimal): Decimal {
  return divideRounded(multiply(a, b), ONE) as Decimal
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
