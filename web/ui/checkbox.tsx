import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox'
import { Field as BaseField } from '@base-ui/react/field'
import type { ReactNode } from 'react'
import styles from './checkbox.module.css'
import { FieldError } from './field.tsx'
import { Icon } from './icon.tsx'

interface CheckboxProps {
  readonly label: ReactNode
  readonly name?: string
  readonly isChecked?: boolean
  readonly isCheckedByDefault?: boolean
  readonly isRequired?: boolean
  readonly onChange?: (isChecked: boolean) => void
}

export function Checkbox({
  label,
  name,
  isChecked,
  isCheckedByDefault = false,
  isRequired = false,
  onChange,
}: CheckboxProps) {
  return (
    <BaseField.Root {...(name !== undefined && { name })}>
      <BaseField.Label className={styles.label}>
        <BaseCheckbox.Root
          className={styles.box}
          required={isRequired}
          {...(isChecked === undefined
            ? { defaultChecked: isCheckedByDefault }
            : { checked: isChecked })}
          onCheckedChange={(next) => onChange?.(next)}
        >
          <BaseCheckbox.Indicator className={styles.indicator}>
            <Icon name="check" size="sm" />
          </BaseCheckbox.Indicator>
        </BaseCheckbox.Root>
        <span>{label}</span>
      </BaseField.Label>
      <FieldError label="confirmation" />
    </BaseField.Root>
  )
}
