import type {
  CheckoutSession,
  CheckoutSessionCreateParams,
  CheckoutSessionCreateParamsCustomField,
} from '../stripe.generated.ts'
import { invalidRequest, missingParameter } from '../wire/errors.ts'

export type CustomField = CheckoutSession['custom_fields'][number]

const MAX_FIELDS = 3
const MAX_LENGTH = 255

/** Questions of the merchant's own, as a session shows them. */
export function readCustomFields({
  custom_fields: given = [],
}: CheckoutSessionCreateParams): readonly CustomField[] {
  if (given.length > MAX_FIELDS) {
    throw invalidRequest({
      message: `A session can have at most ${MAX_FIELDS} custom fields.`,
      param: 'custom_fields',
    })
  }
  return given.map((field, index) => readField(field, `custom_fields[${index}]`, given))
}

function readField(
  field: CheckoutSessionCreateParamsCustomField,
  path: string,
  all: readonly CheckoutSessionCreateParamsCustomField[],
): CustomField {
  const { key, label, optional, type } = field
  const isUsedTwice = all.filter((other) => other.key === key).length > 1
  if (!/^[A-Za-z0-9]{1,200}$/.test(key) || isUsedTwice) {
    throw invalidRequest({
      message: 'The key of a custom field has letters and digits only, and is used once.',
      param: `${path}[key]`,
    })
  }
  const common = {
    key,
    label: { custom: label.custom, type: label.type },
    optional: optional ?? false,
  }
  if (type === 'dropdown') {
    if (field.dropdown === undefined) throw missingParameter(`${path}[dropdown]`)
    return {
      ...common,
      type,
      dropdown: {
        default_value: field.dropdown.default_value ?? null,
        options: field.dropdown.options,
        value: null,
      },
    }
  }
  const bounds = field[type]
  const shown = {
    default_value: bounds?.default_value ?? null,
    maximum_length: bounds?.maximum_length ?? null,
    minimum_length: bounds?.minimum_length ?? null,
    value: null,
  }
  return type === 'numeric' ? { ...common, type, numeric: shown } : { ...common, type, text: shown }
}

/** Why an answer will not do; undefined when it does. */
export function problemOf(field: CustomField, answer: string): string | undefined {
  if (answer === '') return field.optional ? undefined : 'Fill in this field.'
  if (field.type === 'dropdown') {
    const isOption = field.dropdown?.options.some(({ value }) => value === answer)
    return isOption === true ? undefined : 'Choose one of the options.'
  }
  if (field.type === 'numeric' && !/^\d+$/.test(answer)) return 'Enter digits only.'
  const bounds = field.numeric ?? field.text
  const minimum = bounds?.minimum_length ?? 0
  const maximum = bounds?.maximum_length ?? MAX_LENGTH
  if (answer.length < minimum) return `Enter at least ${minimum} characters.`
  return answer.length > maximum ? `Enter at most ${maximum} characters.` : undefined
}

/** The field with what the customer answered. */
export function withAnswer(field: CustomField, answer: string | undefined): CustomField {
  const value = answer === undefined || answer === '' ? null : answer
  return {
    ...field,
    ...(field.dropdown === undefined ? {} : { dropdown: { ...field.dropdown, value } }),
    ...(field.numeric === undefined ? {} : { numeric: { ...field.numeric, value } }),
    ...(field.text === undefined ? {} : { text: { ...field.text, value } }),
  }
}
