import { type CustomField, problemOf } from '../checkout/custom-fields.ts'
import type { EnteredDetails } from '../checkout/documents.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { addressFields, readAddress } from './address-fields.ts'
import { TAX_ID_TYPES, taxIdType } from './countries.ts'
import {
  checkField,
  type Entered,
  flag,
  isEmail,
  type Problems,
  selectField,
  textField,
} from './fields.ts'
import { html, type Html } from './html.ts'

type Session = Documents['checkout.session']

/** What a session asks for besides a card. */
export function contactFields(
  tx: Transaction,
  session: Session,
  entered: Entered,
  problems: Problems,
): Html {
  const email = knownEmail(tx, session)
  return html`<fieldset class="group">
    <legend>Contact</legend>
    ${textField({
      name: 'email',
      label: 'Email',
      type: 'email',
      entered: email === null ? entered : {},
      problems,
      value: email ?? '',
      isReadOnly: email !== null,
      autocomplete: 'email',
      placeholder: 'ada@example.com',
      testId: 'email',
    })}
    ${
      session.phone_number_collection?.enabled === true
        ? textField({
            name: 'phone',
            label: 'Phone number',
            type: 'tel',
            entered,
            problems,
            autocomplete: 'tel',
          })
        : ''
    }
  </fieldset>`
}

export function billingFields(
  tx: Transaction,
  session: Session,
  entered: Entered,
  problems: Problems,
): Html {
  const customer = tx.find('customer', session.customer ?? '')
  return html`${
    asksAddress(session)
      ? addressFields(entered, problems, customer?.address ?? null, 'Billing address')
      : ''
  }
  ${session.tax_id_collection?.enabled === true ? taxIdFields(session, entered, problems) : ''}`
}

function taxIdFields(session: Session, entered: Entered, problems: Problems): Html {
  const isRequired = session.tax_id_collection?.required === 'if_supported'
  const isOpen =
    isRequired ||
    ['businessName', 'taxId'].some((name) => problems[name] !== undefined || entered[name])
  const fields = html`<fieldset class="group">
    <legend class="hidden">Business</legend>
    ${textField({ name: 'businessName', label: 'Business name', entered, problems, autocomplete: 'organization', isOptional: !isRequired })}
    <div class="row">
      ${selectField({ name: 'taxIdType', label: 'Type of tax number', entered, problems, value: 'eu_vat', options: TAX_ID_TYPES, isOptional: !isRequired })}
      ${textField({ name: 'taxId', label: 'Tax number', entered, problems, placeholder: 'DE123456789', isOptional: !isRequired })}
    </div>
  </fieldset>`
  return html`<details ${flag('open', isOpen)}>
    <summary>I’m purchasing as a business</summary>
    ${fields}
  </details>`
}

/** The merchant's own questions. */
export function customFields(session: Session, entered: Entered, problems: Problems): Html {
  return html`${session.custom_fields.map((field) => {
    const common = {
      name: customName(field),
      label: field.label.custom ?? field.key,
      entered,
      problems,
      isOptional: field.optional,
    }
    return field.dropdown === undefined
      ? textField({
          ...common,
          value: (field.numeric ?? field.text)?.default_value,
          ...(field.type === 'numeric' ? { inputMode: 'numeric' } : {}),
        })
      : selectField({
          ...common,
          value: field.dropdown.default_value,
          options: [
            ['', 'Choose…'],
            ...field.dropdown.options.map(({ value, label }) => [value, label] as const),
          ],
        })
  })}`
}

function customName({ key }: CustomField): string {
  return `custom_${key}`
}

export function consentFields(session: Session, entered: Entered, problems: Problems): Html {
  const asked = session.consent_collection
  const terms = session.custom_text.terms_of_service_acceptance?.message
  return html`${
    asked?.promotions === 'auto'
      ? checkField({
          name: 'promotions',
          label: 'Send me news and offers by email',
          entered,
          problems,
        })
      : ''
  }
  ${
    asked?.terms_of_service === 'required'
      ? checkField({
          name: 'terms',
          label: terms ?? 'I agree to the terms of service',
          entered,
          problems,
        })
      : ''
  }`
}

function asksAddress(session: Session): boolean {
  return session.billing_address_collection === 'required' || session.automatic_tax.enabled
}

export function knownEmail(tx: Transaction, session: Session): string | null {
  return tx.find('customer', session.customer ?? '')?.email ?? session.customer_email
}

/** Reads everything but the card. */
export function readDetails(
  tx: Transaction,
  session: Session,
  entered: Entered,
): { readonly details: Omit<EnteredDetails, 'paymentMethod'>; readonly problems: Problems } {
  const text = (name: string): string => entered[name]?.trim() ?? ''
  const problems: Record<string, string> = {}
  const email = knownEmail(tx, session) ?? text('email')
  if (!isEmail(email)) problems['email'] = 'Enter an email address such as ada@example.com.'
  const asksPhone = session.phone_number_collection?.enabled === true
  if (asksPhone && !/^\+?[\d\s().-]{6,20}$/.test(text('phone'))) {
    problems['phone'] = 'Enter a phone number such as +1 201 555 0123.'
  }
  const place = asksAddress(session) ? readAddress(entered) : undefined
  const business = readBusiness(session, text)
  const answers = Object.fromEntries(
    session.custom_fields.map((field) => [field.key, text(customName(field))]),
  )
  for (const field of session.custom_fields) {
    const problem = problemOf(field, answers[field.key] ?? '')
    if (problem !== undefined) problems[customName(field)] = problem
  }
  const asked = session.consent_collection
  if (asked?.terms_of_service === 'required' && entered['terms'] !== 'on') {
    problems['terms'] = 'Please accept the terms of service.'
  }
  return {
    details: {
      email,
      name: text('billingName') || null,
      acceptsTerms: entered['terms'] === 'on',
      acceptsPromotions: entered['promotions'] === 'on',
      ...(asksPhone ? { phone: text('phone') } : {}),
      ...(place === undefined ? {} : { address: place.address }),
      ...business.details,
      answers,
    },
    problems: { ...problems, ...place?.problems, ...business.problems },
  }
}

function readBusiness(
  session: Session,
  text: (name: string) => string,
): {
  readonly details: Pick<EnteredDetails, 'businessName' | 'taxId'>
  readonly problems: Problems
} {
  const collection = session.tax_id_collection
  const [name, value] = [text('businessName'), text('taxId')]
  const isRequired = collection?.required === 'if_supported'
  if (collection?.enabled !== true || (!isRequired && name === '' && value === '')) {
    return { details: {}, problems: {} }
  }
  const type = taxIdType(text('taxIdType'))
  const problems: Record<string, string> = {}
  if (name === '') problems['businessName'] = 'Enter the name of the business.'
  if (type === undefined) problems['taxIdType'] = 'Choose the type of the tax number.'
  if (!/^[A-Za-z0-9 .-]{5,30}$/.test(value)) {
    problems['taxId'] = 'Enter the tax number, letters and digits only.'
  }
  return {
    details: {
      businessName: name,
      taxId: type === undefined ? null : { type, value: value.replaceAll(/[\s.-]/g, '') },
    },
    problems,
  }
}
