import { type BlockList, isIP } from 'node:net'
import { readClock } from '../../domain/accounts/clock-reading.ts'
import { budgetWindowAt } from '../../domain/budgets/budget.ts'
import type { AccessRecord } from '../../domain/entitlements/access-record.ts'
import { type AccessDecision, startedNow, stepAt } from '../../domain/entitlements/access.ts'
import { type WindowRule, windowAt } from '../../domain/entitlements/grants.ts'
import { bucketOf } from '../../domain/metering/usage.ts'
import { HOUR_MS, type Instant } from '../../kit/instant.ts'
import { startOfHour } from '../../kit/period.ts'
import { toBlockList } from '../client-address.ts'
import type { Terms } from './terms.ts'

/**
 * What a gateway holds of one API key: its access record, with what is asked for each request worked out. What changes
 * by the passing of time alone is looked at again at the instant it changes, not with each request.
 */
export class KeyAccess {
  readonly hash: string
  readonly record: AccessRecord
  /** `X-Customer-Id: …` and so on, each ended by CRLF. */
  readonly identityLines: string
  /** By the route's place in the routing table `termsTable`. */
  readonly terms: (Terms | undefined)[] = []
  termsTable: object | null = null

  readonly #allowedAddresses: BlockList | null
  readonly #bucketRules: readonly WindowRule[]
  #decision: AccessDecision | null = null
  #decisionFrom: Instant = 0
  #decisionUntil: Instant = 0
  #bucketAt: Instant = 0
  #bucketUntil: Instant = 0

  constructor(hash: string, record: AccessRecord) {
    this.hash = hash
    this.record = record
    this.identityLines = identityLines(record)
    this.#allowedAddresses = record.allowedIps.length === 0 ? null : toBlockList(record.allowedIps)
    const quotaWindows = record.grants?.quotas.map(({ window }) => window) ?? []
    this.#bucketRules = [
      ...(record.billingPeriods === null ? [] : [record.billingPeriods]),
      ...(record.planStartsAt === null ? [] : [once(record.planStartsAt)]),
      ...quotaWindows,
    ]
  }

  now(at: Instant): Instant {
    return startedNow(readClock(this.record.clock, at), this.record.startsAt)
  }

  decisionAt(now: Instant): AccessDecision {
    if (this.#decision !== null && now >= this.#decisionFrom && now < this.#decisionUntil) {
      return this.#decision
    }
    const { timeline } = this.record
    this.#decision = stepAt(timeline, now)
    this.#decisionFrom =
      timeline.findLast(({ from }) => from <= now)?.from ?? Number.NEGATIVE_INFINITY
    this.#decisionUntil = timeline.find(({ from }) => from > now)?.from ?? Number.POSITIVE_INFINITY
    return this.#decision
  }

  isAllowedAddress(address: string): boolean {
    if (this.#allowedAddresses === null) return true
    const version = isIP(address)
    return version !== 0 && this.#allowedAddresses.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }

  /** The bucket usage of this moment is counted in. */
  bucketAt(now: Instant): Instant {
    if (now >= this.#bucketUntil || now < this.#bucketAt) {
      const budgets = this.record.budgets.map((rule) => budgetWindowAt(rule, now))
      this.#bucketAt = Math.max(
        bucketOf(now, this.#bucketRules),
        ...budgets.map(({ startsAt }) => startsAt),
      )
      this.#bucketUntil = Math.min(
        startOfHour(now) + HOUR_MS,
        ...budgets.map(({ endsAt }) => endsAt),
        ...this.#bucketRules.map((rule) => windowAt(rule, now).endsAt),
      )
    }
    return this.#bucketAt
  }
}

/** A boundary that does not come again. */
function once(at: Instant): WindowRule {
  return { anchor: at, length: { months: 12_000 }, timeZone: 'UTC' }
}

const FIELD_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/

/** Values come from names people choose; what would break a header line is left out. */
function identityLines({ headers }: AccessRecord): string {
  return Object.entries(headers)
    .filter(([name]) => FIELD_NAME.test(name))
    .map(([name, value]) => `${name}: ${toFieldValue(value)}\r\n`)
    .join('')
}

/** Visible ASCII as it is, everything else percent-encoded, as RFC 8187 does. */
function toFieldValue(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\x20-\x7e]/gu, (character) => encodeURIComponent(character))
    .trim()
}
