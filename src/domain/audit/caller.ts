import type { Mode } from '../../kit/mode.ts'

/** On whose behalf something happens, and in which mode. Passed to every service call that changes something. */
export interface Caller {
  readonly mode: Mode
  readonly actor: Actor
  readonly requestId: string | null
  readonly ip: string | null
  readonly userAgent: string | null
}

export type Actor =
  | { readonly kind: 'operator'; readonly id: string; readonly role: string }
  | { readonly kind: 'member'; readonly id: string; readonly role: string }
  | { readonly kind: 'key'; readonly id: string }
  | { readonly kind: 'system' }
  | { readonly kind: 'stripe' }

/** For jobs and start-up: nobody asked, the product itself acts. */
export function systemCaller(mode: Mode): Caller {
  return { mode, actor: { kind: 'system' }, requestId: null, ip: null, userAgent: null }
}

/** For what Stripe's events bring about. */
export function stripeCaller(mode: Mode): Caller {
  return { mode, actor: { kind: 'stripe' }, requestId: null, ip: null, userAgent: null }
}
