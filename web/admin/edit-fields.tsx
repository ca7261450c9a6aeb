import type { ComponentProps, ReactNode } from 'react'
import { Field } from '../ui/field.tsx'
import { Select } from '../ui/select.tsx'
import { TextInput } from '../ui/text-input.tsx'

/** Controls of forms whose values are one object: each shows a member of it and hands back the next one. */

interface EditProps {
  /** The member's path in the request; refusals of the server find it by this. */
  readonly name: string
  readonly label: string
  readonly hint?: ReactNode
}

type InputProps = Omit<ComponentProps<typeof TextInput>, 'value' | 'onChange' | 'name'>

interface EditTextProps extends EditProps, InputProps {
  readonly value: string
  readonly onChange: (value: string) => void
}

export function EditText({ name, label, hint, value, onChange, ...input }: EditTextProps) {
  return (
    <Field name={name} label={label} hint={hint} isOptional={input.required !== true}>
      <TextInput
        autoComplete="off"
        {...input}
        name={name}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  )
}

interface EditOptionalTextProps extends EditProps, InputProps {
  readonly value: string | null
  readonly onChange: (value: string | null) => void
}

/** Nothing typed is null. */
export function EditOptionalText({ value, onChange, ...props }: EditOptionalTextProps) {
  return (
    <EditText
      {...props}
      value={value ?? ''}
      onChange={(text) => onChange(text === '' ? null : text)}
    />
  )
}

interface EditDecimalProps extends EditProps, InputProps {
  readonly value: string
  readonly onChange: (value: string) => void
}

/** An exact number; it stays the text it is. */
export function EditDecimal(props: EditDecimalProps) {
  return (
    <EditText
      required
      isMono
      inputMode="decimal"
      pattern="\d+(\.\d{1,12})?"
      {...props}
      hint={props.hint ?? 'A number such as 1 or 0.0005.'}
    />
  )
}

interface EditWholeProps extends EditProps, InputProps {
  readonly value: number
  readonly onChange: (value: number) => void
}

/** A count. While nothing is typed it is not a number, and the form is not sent. */
export function EditWhole({ value, onChange, ...props }: EditWholeProps) {
  return (
    <EditText
      required
      type="number"
      step={1}
      min={0}
      {...props}
      value={Number.isNaN(value) ? '' : String(value)}
      onChange={(text) => onChange(text === '' ? Number.NaN : Number(text))}
    />
  )
}

interface EditOptionalWholeProps extends EditProps, InputProps {
  readonly value: number | null
  readonly onChange: (value: number | null) => void
}

/** Nothing typed is null. */
export function EditOptionalWhole({ value, onChange, ...props }: EditOptionalWholeProps) {
  return (
    <EditText
      type="number"
      step={1}
      {...props}
      value={value === null ? '' : String(value)}
      onChange={(text) => onChange(text === '' ? null : Number(text))}
    />
  )
}

interface Choice<Value extends string> {
  readonly value: Value
  readonly label: string
  readonly description?: string
}

interface EditChoiceProps<Value extends string> extends EditProps {
  readonly options: readonly Choice<Value>[]
  readonly value: Value
  readonly onChange: (value: Value) => void
}

export function EditChoice<Value extends string>(props: EditChoiceProps<Value>) {
  const { name, label, hint, options, value, onChange } = props
  return (
    <Field name={name} label={label} hint={hint}>
      <Select name={name} options={options} value={value} onChange={onChange} />
    </Field>
  )
}
