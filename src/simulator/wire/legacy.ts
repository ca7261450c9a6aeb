import type { Raw, RawHash } from './form.ts'

/**
 * What requests of older API versions say in words that are gone. They are rewritten into today's before they are checked,
 * so that older clients, Stripe's own CLI among them, keep working without today's clients being able to lean on it.
 */
export function translateLegacy(
  key: string,
  received: RawHash,
): { readonly raw: RawHash; readonly legacy: RawHash } {
  const raw: Record<string, Raw> = { ...received }
  const legacy: Record<string, Raw> = {}
  if (TAKES_METHOD_TYPES.test(key)) {
    delete raw['payment_method_types']
    for (const name of Object.keys(raw)) {
      if (name.startsWith('payment_method_types[')) delete raw[name]
    }
  }
  if (key.startsWith('POST /v1/customers') && raw['coupon'] !== undefined) {
    legacy['coupon'] = raw['coupon']
    delete raw['coupon']
  }
  if (key === 'POST /v1/promotion_codes' && raw['coupon'] !== undefined) {
    raw['promotion'] = { type: 'coupon', coupon: raw['coupon'] }
    delete raw['coupon']
  }
  if (key.startsWith('POST /v1/subscriptions')) translateSubscription(raw)
  if (key.startsWith('POST /v1/subscription_schedules')) translatePhases(raw)
  if (key.startsWith('POST /v1/invoiceitems')) translateInvoiceItem(raw)
  if (key === 'POST /v1/checkout/sessions') {
    const given = raw['ui_mode']
    const mode = typeof given === 'string' ? UI_MODES[given] : undefined
    if (mode !== undefined) raw['ui_mode'] = mode
  }
  return { raw, legacy }
}

const TAKES_METHOD_TYPES = /^POST \/v1\/(?:checkout\/sessions|payment_intents|setup_intents)/
const UI_MODES: Readonly<Record<string, string>> = {
  hosted: 'hosted_page',
  embedded: 'embedded_page',
  custom: 'elements',
}

function translateSubscription(raw: Record<string, Raw>): void {
  const anchor = raw['billing_cycle_anchor']
  if (anchor === 'now' || anchor === 'unchanged') raw['billing_cycle_anchor'] = { type: anchor }
  moveCoupon(raw)
}

/** `coupon` and `promotion_code` were parameters of their own before there was a list of discounts. */
function moveCoupon(raw: Record<string, Raw>): void {
  for (const name of ['coupon', 'promotion_code']) {
    const value = raw[name]
    if (value === undefined) continue
    delete raw[name]
    raw['discounts'] = value === '' ? '' : { 0: { [name]: value } }
  }
}

function translatePhases(raw: Record<string, Raw>): void {
  const { phases } = raw
  if (typeof phases !== 'object' || phases === null) return
  raw['phases'] = Object.fromEntries(
    Object.entries(phases as RawHash).map(([index, phase]) => [index, translatePhase(phase)]),
  )
}

/** Iterations counted intervals of the phase's own price; a duration in months is what nearly all of them meant. */
function translatePhase(phase: Raw): Raw {
  if (typeof phase !== 'object' || phase === null || Array.isArray(phase)) return phase
  const { iterations, ...rest } = phase as RawHash
  if (iterations === undefined) return phase
  return { ...rest, duration: { interval: 'month', interval_count: iterations } }
}

function translateInvoiceItem(raw: Record<string, Raw>): void {
  const { price } = raw
  if (typeof price === 'string') {
    delete raw['price']
    raw['pricing'] = { price }
  }
  const unit = raw['unit_amount']
  if (unit !== undefined) {
    delete raw['unit_amount']
    raw['unit_amount_decimal'] = unit
  }
}
