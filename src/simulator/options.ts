import { randomToken } from '../kit/crypto.ts'
import type { Settings } from './store/settings.ts'

export interface SimulatorOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** In memory everything is gone at the end; a folder keeps it. */
  readonly data: 'memory' | { readonly folder: string }
  /** The same seed and the same requests give the same ids. Without one, ids differ from run to run. */
  readonly seed?: string | undefined
  /** Every account gets this webhook endpoint, for all events, when it is first used. */
  readonly webhookEndpoint?: string | undefined
  /** The secret of `webhookEndpoint`; one is derived from the seed otherwise and shown by the control API. */
  readonly webhookSecret?: string | undefined
  /** Accepts what older API versions accepted even from clients that name the current one. */
  readonly isLegacy?: boolean | undefined
  /** What every account starts with; `POST /_sim/settings` changes it for one. */
  readonly settings?: Partial<Settings> | undefined
  /** Every answer and webhook has to agree with Stripe's specification, or it becomes a 500. For our own tests. */
  readonly checksShapes?: boolean | undefined
}

export interface Simulator {
  /** Without a trailing slash. */
  readonly url: string
  close(): Promise<void>
}

export function seedOf(options: SimulatorOptions): string {
  return options.seed ?? randomToken(24)
}
