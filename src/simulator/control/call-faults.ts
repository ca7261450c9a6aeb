import { invalidRequest, StripeError } from '../wire/errors.ts'
import type { CallFault } from '../wire/api.ts'
import { keyInUse } from '../wire/idempotency.ts'
import { tooManyRequests } from '../wire/rate-limit.ts'

export const FAULT_KINDS = [
  'server_error',
  'rate_limit',
  'lock_timeout',
  'conflict',
  'delay',
  'lost_request',
  'lost_response',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

/** What goes wrong with API calls: for the next so many that match, then no more. */
export interface ArrangedCallFault {
  readonly id: string
  readonly kind: FaultKind
  /** Null for any. */
  readonly method: string | null
  /** `/v1/customers`, `/v1/customers/*`, `/v1/**`; null for any. */
  readonly path: string | null
  readonly remaining: number
  readonly delayMs: number
  /** The error counts as the first result of the call's idempotency key, as a 500 of Stripe's own does. */
  readonly isSaved: boolean
}

export interface CallFaults {
  next(method: string, path: string): CallFault
  arrange(fault: Omit<ArrangedCallFault, 'id'>): ArrangedCallFault
  clear(): void
  show(): readonly ArrangedCallFault[]
}

export const NO_FAULT: CallFault = {
  delayMs: 0,
  error: undefined,
  isSaved: false,
  isLost: false,
  isUnheard: false,
}

export function createCallFaults(): CallFaults {
  let arranged: ArrangedCallFault[] = []
  let made = 0
  return {
    next(method, path) {
      const found = arranged.find(
        (fault) =>
          (fault.method === null || fault.method === method) &&
          (fault.path === null || matchesPath(fault.path, path)),
      )
      if (found === undefined) return NO_FAULT
      arranged = arranged.flatMap((entry) =>
        entry !== found
          ? [entry]
          : entry.remaining > 1
            ? [{ ...entry, remaining: entry.remaining - 1 }]
            : [],
      )
      return {
        delayMs: found.delayMs,
        error: errorOf(found.kind),
        isSaved: found.isSaved,
        isLost: found.kind === 'lost_response',
        isUnheard: found.kind === 'lost_request',
      }
    },
    arrange(fault) {
      made += 1
      const entry = { id: `fault_${made}`, ...fault }
      arranged.push(entry)
      return entry
    },
    clear() {
      arranged = []
    },
    show: () => arranged,
  }
}

function matchesPath(pattern: string, path: string): boolean {
  const wanted = pattern.split('/')
  const segments = path.split('/')
  const isOpen = wanted.at(-1) === '**'
  const fixed = isOpen ? wanted.slice(0, -1) : wanted
  return (
    (isOpen ? segments.length >= fixed.length : segments.length === fixed.length) &&
    fixed.every((part, index) => part === '*' || part === segments[index])
  )
}

function errorOf(kind: FaultKind): StripeError | undefined {
  switch (kind) {
    case 'server_error':
      return new StripeError(500, {
        type: 'api_error',
        message: 'An unknown error occurred. (The simulator was told to answer this.)',
      })
    case 'rate_limit':
      return tooManyRequests('global-rate')
    case 'lock_timeout': {
      const { body } = invalidRequest({
        code: 'lock_timeout',
        message:
          'This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request.',
      })
      return new StripeError(429, body)
    }
    case 'conflict':
      return keyInUse('as arranged')
    case 'delay':
    case 'lost_request':
    case 'lost_response':
      return undefined
  }
}
