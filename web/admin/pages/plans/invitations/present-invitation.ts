import type { ResponseOf } from '../../../../../src/client/client.ts'
import type { Tone } from '../../../../ui/badge.tsx'

export type Invitation = ResponseOf<'get', '/api/v1/plans/{planKey}/invitations'>['data'][number]

const TONES: Readonly<Record<Invitation['state'], Tone>> = {
  open: 'info',
  accepted: 'success',
  expired: 'neutral',
  revoked: 'neutral',
}

export function standingOf({ state }: Invitation): { readonly word: string; readonly tone: Tone } {
  return { word: state === 'revoked' ? 'taken back' : state, tone: TONES[state] }
}

/** As the API wants it: a customer's id is no address. */
export function guestOf(text: string): { email: string } | { customerId: string } {
  const guest = text.trim()
  return guest.startsWith('customer_') ? { customerId: guest } : { email: guest }
}
