/** Asks Farebox about calls that reach an API directly, without its gateway in between. */

export interface FareboxOptions {
  /** The console: `https://console.example.com`. */
  readonly url: string
  /** An API token of an operator who may count usage. */
  readonly token: string
  /** How long a call may wait for its decision. */
  readonly timeoutMs?: number
  /** What happens to calls while Farebox does not answer. */
  readonly onFailure?: 'allow' | 'deny'
  /** Instead of the platform's. */
  readonly fetch?: typeof globalThis.fetch
}

export interface Call {
  readonly key: string | null
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly host: string
  readonly ip: string | null
}

export interface Decision {
  readonly isAllowed: boolean
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly upstreamHeaders: Readonly<Record<string, string>>
  readonly problem: Readonly<Record<string, unknown>> | null
  readonly customerId: string | null
  readonly planKey: string | null
}

const UNREACHABLE: Decision = {
  isAllowed: false,
  status: 503,
  headers: { 'Content-Type': 'application/problem+json', 'Retry-After': '1' },
  upstreamHeaders: {},
  problem: { code: 'metering_unavailable', status: 503, title: 'Usage cannot be recorded' },
  customerId: null,
  planKey: null,
}
const UNDECIDED: Decision = {
  ...UNREACHABLE,
  isAllowed: true,
  status: 200,
  headers: {},
  problem: null,
}

export function createFarebox(options: FareboxOptions): (call: Call) => Promise<Decision> {
  const { url, token, timeoutMs = 2_000, onFailure = 'deny', fetch = globalThis.fetch } = options
  return async (call) => {
    try {
      const response = await fetch(`${url}/api/v1/decisions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(call),
        signal: AbortSignal.timeout(timeoutMs),
      })
      if (!response.ok) throw new Error(`Farebox answered ${response.status}`)
      return (await response.json()) as Decision
    } catch {
      return onFailure === 'allow' ? UNDECIDED : UNREACHABLE
    }
  }
}

/** `X-API-Key`, or else `Authorization: Bearer …`. */
export function keyOf(header: (name: string) => string | undefined): string | null {
  const bearer = /^bearer +(\S+)$/i.exec(header('authorization') ?? '')?.[1]
  return header('x-api-key') ?? bearer ?? null
}
