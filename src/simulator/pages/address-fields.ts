import type { Address } from '../stripe.generated.ts'
import { COUNTRIES } from './countries.ts'
import { type Entered, type Problems, selectField, textField } from './fields.ts'
import { html, type Html } from './html.ts'

const REQUIRED = {
  country: 'Choose a country or region.',
  addressLine1: 'Enter the street and house number.',
  addressCity: 'Enter the city.',
  addressPostalCode: 'Enter the postal code.',
} as const

/** Where the customer is. */
export function addressFields(
  entered: Entered,
  problems: Problems,
  known: Address | null | undefined,
  legend: string,
): Html {
  const common = { entered, problems }
  return html`<fieldset class="group">
    <legend>${legend}</legend>
    ${selectField({
      ...common,
      name: 'country',
      label: 'Country or region',
      value: known?.country ?? '',
      autocomplete: 'country',
      options: [['', 'Choose…'], ...COUNTRIES],
    })}
    ${textField({ ...common, name: 'addressLine1', label: 'Address', value: known?.line1 ?? '', autocomplete: 'address-line1' })}
    ${textField({ ...common, name: 'addressLine2', label: 'Apartment, suite, floor', value: known?.line2 ?? '', autocomplete: 'address-line2', isOptional: true })}
    <div class="row">
      ${textField({ ...common, name: 'addressPostalCode', label: 'Postal code', value: known?.postal_code ?? '', autocomplete: 'postal-code' })}
      ${textField({ ...common, name: 'addressCity', label: 'City', value: known?.city ?? '', autocomplete: 'address-level2' })}
    </div>
    ${textField({ ...common, name: 'addressState', label: 'State or province', value: known?.state ?? '', autocomplete: 'address-level1', isOptional: true })}
  </fieldset>`
}

export function readAddress(entered: Entered): {
  readonly address: Address
  readonly problems: Problems
} {
  const text = (name: string): string | null => entered[name]?.trim() || null
  const missing = Object.entries(REQUIRED).filter(([name]) => text(name) === null)
  return {
    address: {
      city: text('addressCity'),
      country: text('country'),
      line1: text('addressLine1'),
      line2: text('addressLine2'),
      postal_code: text('addressPostalCode'),
      state: text('addressState'),
    },
    problems: Object.fromEntries(missing),
  }
}
