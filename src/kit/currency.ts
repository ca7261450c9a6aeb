/**
 * The currencies Stripe charges in, with their decimals and minimum charges.
 *
 * Kept as our own table because `Intl` disagrees with Stripe (HUF, TWD) and changes with the ICU version.
 * Source: https://docs.stripe.com/currencies
 */
const CODES = `
aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny
cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl hrk htg huf idr ils inr isk
jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mro mur mvr mwk mxn myr
mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd
std szl thb tjs tnd top try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw
`

const ZERO_DECIMAL = new Set(
  'bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '),
)
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '))
/** No fractions exist, yet Stripe takes their amounts with two decimals that must be 00. */
const WHOLE_AS_TWO_DECIMAL = new Set(['isk', 'ugx'])

const MINIMUM_CHARGE_MINOR: Readonly<Record<string, bigint>> = {
  aed: 200n,
  aud: 50n,
  bgn: 100n,
  brl: 50n,
  cad: 50n,
  chf: 50n,
  czk: 1500n,
  dkk: 250n,
  eur: 50n,
  gbp: 30n,
  hkd: 400n,
  huf: 17500n,
  inr: 50n,
  jpy: 50n,
  mxn: 1000n,
  myr: 200n,
  nok: 300n,
  nzd: 50n,
  pln: 200n,
  ron: 200n,
  sek: 300n,
  sgd: 50n,
  thb: 1000n,
  usd: 50n,
}

/** Three lower-case letters, as Stripe writes them: `usd`. */
export type Currency = string

export const CURRENCIES: ReadonlySet<Currency> = new Set(CODES.trim().split(/\s+/))

export function isCurrency(code: string): boolean {
  return CURRENCIES.has(code)
}

/** How many decimals one unit of the currency has in our amounts: 2 for usd, 0 for jpy, 3 for kwd. */
export function fractionDigits(currency: Currency): number {
  if (ZERO_DECIMAL.has(currency) || WHOLE_AS_TWO_DECIMAL.has(currency)) return 0
  return THREE_DECIMAL.has(currency) ? 3 : 2
}

/** Our minor units times this are Stripe's: 1 for all but isk and ugx, which Stripe counts in hundredths. */
export function stripeFactor(currency: Currency): bigint {
  return WHOLE_AS_TWO_DECIMAL.has(currency) ? 100n : 1n
}

/** Amounts that reach a card must be multiples of this: 10 for three-decimal currencies, else 1. */
export function chargeIncrementMinor(currency: Currency): bigint {
  return THREE_DECIMAL.has(currency) ? 10n : 1n
}

/**
 * What Stripe's amounts must be multiples of to be charged: 10 of a dinar's thousandths, 100 of what it counts for a
 * króna, else 1. Where it is more than 1, Stripe itself works out amounts that it then cannot charge.
 */
export function stripeIncrement(currency: Currency): bigint {
  return chargeIncrementMinor(currency) * stripeFactor(currency)
}

/** The least Stripe charges; what is below is carried to the next invoice. Zero where Stripe names no minimum. */
export function minimumChargeMinor(currency: Currency): bigint {
  return MINIMUM_CHARGE_MINOR[currency] ?? 0n
}
