const CODES =
  'AE AR AT AU BE BG BR CA CH CL CO CY CZ DE DK EE EG ES FI FR GB GR HK HR HU ID IE IL IN IS IT JP KE KR LI LT LU LV MA MT MX MY NG NL NO NZ PE PH PL PT RO RS SA SE SG SI SK TH TR TW UA US UY VN ZA'

const NAMES = new Intl.DisplayNames('en', { type: 'region' })

/** Where a customer may be, by name: `['US', 'United States']`. */
export const COUNTRIES: readonly (readonly [code: string, name: string])[] = CODES.split(' ')
  .map((code) => [code, NAMES.of(code) ?? code] as const)
  .toSorted((a, b) => a[1].localeCompare(b[1], 'en'))

export function countryName(code: string): string {
  return NAMES.of(code) ?? code
}

/** Kinds of tax number people are asked for most. */
export const TAX_ID_TYPES = [
  ['eu_vat', 'EU VAT number'],
  ['gb_vat', 'GB VAT number'],
  ['us_ein', 'US EIN'],
  ['ch_vat', 'Swiss VAT number'],
  ['no_vat', 'Norwegian VAT number'],
  ['ca_bn', 'Canadian BN'],
  ['au_abn', 'Australian ABN'],
  ['nz_gst', 'New Zealand GST number'],
  ['in_gst', 'Indian GST number'],
  ['jp_trn', 'Japanese registration number'],
  ['sg_gst', 'Singaporean GST number'],
  ['br_cnpj', 'Brazilian CNPJ'],
  ['mx_rfc', 'Mexican RFC'],
  ['za_vat', 'South African VAT number'],
] as const

export type TaxIdType = (typeof TAX_ID_TYPES)[number][0]

export function taxIdType(text: string): TaxIdType | undefined {
  return TAX_ID_TYPES.find(([type]) => type === text)?.[0]
}

export function taxIdLabel(type: string): string {
  return TAX_ID_TYPES.find(([known]) => known === type)?.[1] ?? type
}
