import type { Instant } from '../../../kit/instant.ts'

/** A saved way to pay. Card numbers never reach us. */
export interface PaymentMethod {
  readonly id: string
  readonly type: string
  readonly brand: string | null
  readonly lastFour: string | null
  readonly expiresMonth: number | null
  readonly expiresYear: number | null
  readonly isDefault: boolean
  readonly fingerprint: string | null
  readonly stripePaymentMethodId: string
  readonly createdAt: Instant
}

/** The first instant at which a card is no longer valid: cards are good to the end of their month, in UTC. */
export function expiresAt({
  expiresMonth,
  expiresYear,
}: Pick<PaymentMethod, 'expiresMonth' | 'expiresYear'>): Instant | null {
  return expiresMonth === null || expiresYear === null ? null : Date.UTC(expiresYear, expiresMonth)
}
