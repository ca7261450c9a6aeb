import { formatInstant } from '../kit/instant.ts'
import type { Terms } from './access/terms.ts'
import type { Exchange } from './exchange.ts'
import { LineTemplate } from './fast/line-template.ts'
import type { AllowanceView } from './limits/allowance.ts'
import type { SpeedLimit } from './limits/speed-limit.ts'
import { showMicros } from './limits/units.ts'
import { ID_LINE_BYTES } from './request-id.ts'

/** From these shares of a quota on, clients are warned. */
const APPROACHING = 0.8
const CRITICAL = 0.95
const MAX_NUMBERS = 64

const NOTHING = new LineTemplate([''])

/** The lines about limits of one set of terms, as long as the same limits are the nearest. */
export interface LimitLines {
  readonly template: LineTemplate
  readonly nearestRate: SpeedLimit | null
  readonly nearestRule: SpeedLimit['rule'] | null
  readonly quotaLimit: number
  readonly quotaReset: string
  readonly warning: string
}

/**
 * What every answer says about the request and the limits it counts against, one header line each. With several limits
 * the single-valued headers show the one that is nearest; `RateLimit` lists them all.
 */
export function writeAnswerLines(exchange: Exchange): void {
  const { lines, terms, notice, isDegraded } = exchange
  lines.length = ID_LINE_BYTES
  if (terms !== null) lines.add(limitLines(exchange, terms).bytes)
  if (notice !== null || isDegraded) lines.addText(noticeLines(exchange))
}

function noticeLines({ notice, isDegraded }: Exchange): string {
  const overdue =
    notice === null
      ? ''
      : `X-Billing-Status: ${notice.status}\r\nX-Billing-Grace-Ends: ${formatInstant(notice.graceEndsAt)}\r\n`
  return isDegraded ? `${overdue}X-Metering-Status: degraded\r\n` : overdue
}

const numbers = new Float64Array(MAX_NUMBERS)

function limitLines(exchange: Exchange, terms: Terms): LineTemplate {
  const { at, now, address } = exchange
  const { rates, charges } = terms
  if (rates.length === 0 && charges.length === 0) return NOTHING

  let count = 0
  let nearestRate: SpeedLimit | null = null
  if (rates.length > 0) {
    let leastShare = Number.POSITIVE_INFINITY
    count = 2
    for (const slot of rates) {
      const limiter = slot.limiter(address)
      const remaining = limiter.remaining(at)
      const share = remaining / limiter.rule.limit
      if (share < leastShare) {
        leastShare = share
        nearestRate = limiter
        numbers[0] = remaining
        numbers[1] = Math.ceil(at / 1_000) + limiter.resetSeconds(at)
      }
      numbers[count++] = remaining
      numbers[count++] = limiter.resetSeconds(at)
    }
  }
  let nearestQuota: AllowanceView | null = null
  let mostShare = -1
  for (const charge of charges) {
    for (const allowance of charge.allowancesAt(now)) {
      const view = allowance.view()
      if (view === null) continue
      const share = view.used / view.limit
      if (share > mostShare) {
        mostShare = share
        nearestQuota = view
      }
    }
  }
  if (nearestQuota !== null) {
    numbers[count++] = showMicros(nearestQuota.used)
    numbers[count] = showMicros(Math.max(nearestQuota.limit - nearestQuota.used, 0))
  }
  const template = templateFor(exchange, terms, nearestRate, nearestQuota, mostShare)
  template.set(numbers)
  return template
}

function templateFor(
  { address }: Exchange,
  terms: Terms,
  rate: SpeedLimit | null,
  quota: AllowanceView | null,
  share: number,
): LineTemplate {
  const warning = warningLine(share)
  const known = terms.limitLines
  const isSame =
    known !== null &&
    known.nearestRate === rate &&
    (rate === null || known.nearestRule === rate.rule) &&
    known.warning === warning &&
    (quota === null ||
      (known.quotaLimit === quota.limit && known.quotaReset === quota.resetsAtText))
  if (isSame) return known.template

  const texts = ['']
  const append = (text: string): void => {
    texts[texts.length - 1] += text
  }
  if (rate !== null) {
    append(`X-RateLimit-Limit: ${rate.rule.limit}\r\nX-RateLimit-Remaining: `)
    texts.push('\r\nX-RateLimit-Reset: ', `\r\n${terms.policyLine}RateLimit: `)
    for (const [i, slot] of terms.rates.entries()) {
      append(`${i === 0 ? '' : ', '}"${slot.limiter(address).rule.name}";r=`)
      texts.push(';t=', '')
    }
    append('\r\n')
  }
  if (quota !== null) {
    append(`X-Quota-Limit: ${showMicros(quota.limit)}\r\nX-Quota-Used: `)
    texts.push('\r\nX-Quota-Remaining: ', `\r\nX-Quota-Reset: ${quota.resetsAtText}\r\n${warning}`)
  }
  const template = new LineTemplate(texts)
  terms.limitLines = {
    template,
    nearestRate: rate,
    nearestRule: rate?.rule ?? null,
    quotaLimit: quota?.limit ?? 0,
    quotaReset: quota?.resetsAtText ?? '',
    warning,
  }
  return template
}

function warningLine(share: number): string {
  if (share < APPROACHING) return ''
  const level = share > 1 ? 'exceeded' : share < CRITICAL ? 'approaching' : 'critical'
  return `X-Quota-Warning: ${level}\r\n`
}
