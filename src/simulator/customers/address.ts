import type {
  Address,
  AddressParam,
  ChargeUpdateParamsShipping,
  PaymentIntentShipping,
} from '../stripe.generated.ts'

export function toAddress(given: AddressParam | null | undefined): Address | null {
  if (given === undefined || given === null) return null
  return {
    city: given.city ?? null,
    country: given.country ?? null,
    line1: given.line1 ?? null,
    line2: given.line2 ?? null,
    postal_code: given.postal_code ?? null,
    state: given.state ?? null,
  }
}

export function toShipping(
  given: Partial<ChargeUpdateParamsShipping> | null | undefined,
): PaymentIntentShipping | null {
  if (given === undefined || given === null) return null
  const address = toAddress(given.address)
  return {
    ...(address === null ? {} : { address }),
    carrier: given.carrier ?? null,
    ...(typeof given.name === 'string' ? { name: given.name } : {}),
    phone: given.phone ?? null,
    tracking_number: given.tracking_number ?? null,
  }
}
