import type { ResponseOf } from '../../../../src/client/client.ts'

export type PaymentMethod = ResponseOf<'get', '/api/v1/portal/payment-methods'>['data'][number]

interface MethodWords {
  /** `Visa …4242`. */
  readonly name: string
  /** `expires 04/2027`; nothing for what does not expire. */
  readonly expiry: string
  readonly isExpired: boolean
}

export function methodWords(method: PaymentMethod, now: number): MethodWords {
  const { expiresMonth, expiresYear } = method
  const kind = (method.brand ?? method.type).replaceAll('_', ' ')
  const name = kind.charAt(0).toUpperCase() + kind.slice(1)
  const words = { name: method.lastFour === null ? name : `${name} …${method.lastFour}` }
  if (expiresMonth === null || expiresYear === null)
    return { ...words, expiry: '', isExpired: false }
  // A card works until the end of the month it shows.
  const isExpired = Date.UTC(expiresYear, expiresMonth) <= now
  const month = String(expiresMonth).padStart(2, '0')
  return { ...words, expiry: `expires ${month}/${expiresYear}`, isExpired }
}

/** What follows when a method goes, for the one who is about to remove it. */
export function removalConsequences(
  { isDefault }: Pick<PaymentMethod, 'isDefault'>,
  { isOnlyOne, isPlanRunning }: { readonly isOnlyOne: boolean; readonly isPlanRunning: boolean },
): string[] {
  if (isOnlyOne && isPlanRunning) {
    return [
      'It is the only one: the next payment cannot be taken.',
      'Access may end when that payment is due. Add another one first.',
    ]
  }
  if (isDefault && !isOnlyOne) return ['It is charged now. Choose another one to be charged.']
  return ['It is forgotten here and at the payment provider.']
}
