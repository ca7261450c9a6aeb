import { Field as BaseField } from '@base-ui/react/field'
import type { ReactNode } from 'react'
import styles from './field.module.css'

interface FieldProps {
  /** The field's path in the request: `name`, `rateCards[0].price`. Refusals of the server find it by this. */
  readonly name?: string | undefined
  readonly label: string
  readonly hint?: ReactNode
  /** What is not marked optional is required; the control says `required` itself. */
  readonly isOptional?: boolean
  /** The label is read out but not drawn, where the place says it already (search, table filters). */
  readonly isLabelHidden?: boolean
  /** Beside the label: a link such as "Forgot password?". */
  readonly aside?: ReactNode
  readonly children: ReactNode
}

export function Field({
  name,
  label,
  hint,
  isOptional = false,
  isLabelHidden = false,
  aside,
  children,
}: FieldProps) {
  return (
    <BaseField.Root className={styles.field} {...(name !== undefined && { name })}>
      <div className={styles.top} data-hidden={isLabelHidden || undefined}>
        <BaseField.Label className={styles.label}>
          {label}
          {isOptional && <span className={styles.optional}> optional</span>}
        </BaseField.Label>
        {aside}
      </div>
      {children}
      {hint !== undefined && (
        <BaseField.Description className={styles.hint}>{hint}</BaseField.Description>
      )}
      <FieldError label={label} hint={hint} />
    </BaseField.Root>
  )
}

interface FieldErrorProps {
  readonly label: string
  /** Describes the form a value must have, and says it again when the value has another. */
  readonly hint?: ReactNode
}

/** What the browser or the server has against the value, below the control and announced with it. */
export function FieldError({ label, hint }: FieldErrorProps) {
  return (
    <BaseField.Validity>
      {({ validity }) => {
        const message = messageFor(validity, label) ?? (validity.patternMismatch ? hint : undefined)
        if (!message) return <BaseField.Error className={styles.error} />
        return <BaseField.Error className={styles.error}>{message}</BaseField.Error>
      }}
    </BaseField.Validity>
  )
}

/** In our words, because the browser's are in the reader's language and the page is not. */
function messageFor(
  validity: { valueMissing: boolean; typeMismatch: boolean; tooShort: boolean },
  label: string,
): string | undefined {
  const noun = label.charAt(0).toLowerCase() + label.slice(1)
  if (validity.valueMissing) return `Enter the ${noun}.`
  if (validity.typeMismatch) return 'Enter an address like name@example.com.'
  return validity.tooShort ? `This ${noun} is too short.` : undefined
}
