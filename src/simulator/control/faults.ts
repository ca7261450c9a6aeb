import { ControlError } from './answers.ts'
import { type FaultKind, FAULT_KINDS } from './call-faults.ts'
import type { Body, ControlHandlers } from './control.ts'
import { NO_FAULT } from './webhook-faults.ts'

/** Things that go wrong on purpose. */
export const faultControl: ControlHandlers = {
  'GET /_sim/faults': ({ realms }) =>
    realms.map(({ realm, callFaults, webhookFaults }) => ({
      account: realm.facts.accountId,
      mode: realm.facts.isLive ? 'live' : 'test',
      calls: callFaults.show(),
      webhooks: webhookFaults.show(),
    })),

  /** The next calls that match get an error, come late, or are cut off before or after they took effect. */
  'POST /_sim/faults/calls': ({ realms, body }) => {
    const kind = readKind(body['kind'])
    const fault = {
      kind,
      method: readText(body, 'method')?.toUpperCase() ?? null,
      path: readText(body, 'path') ?? null,
      remaining: readCount(body, 'next', 1),
      delayMs: readCount(body, 'delay_ms', kind === 'delay' ? 1_000 : 0),
      isSaved: body['saved'] === true,
    }
    return { arranged: realms.map(({ callFaults }) => callFaults.arrange(fault)) }
  },

  /** The next deliveries that match come several times, late, never, or with a signature that does not hold. */
  'POST /_sim/faults/webhooks': ({ realms, body }) => {
    const { events } = body
    if (events !== undefined && !Array.isArray(events)) {
      throw new ControlError(400, '`events` is a list of event types.')
    }
    const fault = {
      copies: readCount(body, 'copies', NO_FAULT.copies),
      delayMs: readCount(body, 'delay_ms', NO_FAULT.delayMs),
      isDropped: body['drop'] === true,
      staleSeconds: readCount(body, 'stale_seconds', NO_FAULT.staleSeconds),
      hasWrongSecret: body['wrong_secret'] === true,
    }
    if (JSON.stringify(fault) === JSON.stringify(NO_FAULT)) {
      throw new ControlError(
        400,
        'Say what is to go wrong: `copies`, `delay_ms`, `drop`, `stale_seconds` or `wrong_secret`.',
      )
    }
    const arranged = {
      events: events === undefined ? null : events.map(String),
      remaining: readCount(body, 'next', 1),
      fault,
    }
    return { arranged: realms.map(({ webhookFaults }) => webhookFaults.arrange(arranged)) }
  },

  /** Collects deliveries up to `window` and sends them in another order. */
  'POST /_sim/faults/webhooks/reorder': ({ realms, body }) => {
    const reordering = {
      window: readCount(body, 'window', 10),
      remaining: readCount(body, 'next', 100),
    }
    for (const { webhookFaults } of realms) webhookFaults.reorder(reordering)
    return { reordering }
  },

  'POST /_sim/faults/clear': ({ realms }) => {
    for (const { callFaults, webhookFaults } of realms) {
      callFaults.clear()
      webhookFaults.clear()
    }
    return { cleared: realms.length }
  },
}

function readKind(value: unknown): FaultKind {
  const kind = FAULT_KINDS.find((known) => known === value)
  if (kind !== undefined) return kind
  throw new ControlError(400, `\`kind\` must be one of ${FAULT_KINDS.join(', ')}.`)
}

function readText(body: Body, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || typeof value === 'string') return value
  throw new ControlError(400, `\`${name}\` must be a string.`)
}

function readCount(body: Body, name: string, fallback: number): number {
  const value = body[name]
  if (value === undefined) return fallback
  const count = Number(value)
  if (Number.isSafeInteger(count) && count >= 0) return count
  throw new ControlError(400, `\`${name}\` must be a whole number, not negative.`)
}
