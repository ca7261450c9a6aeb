import { Field as BaseField } from '@base-ui/react/field'
import { Switch as BaseSwitch } from '@base-ui/react/switch'
import type { ReactNode } from 'react'
import styles from './switch.module.css'

interface SwitchProps {
  readonly label: ReactNode
  readonly description?: ReactNode
  readonly name?: string
  readonly isOn?: boolean
  readonly isOnByDefault?: boolean
  readonly onChange?: (isOn: boolean) => void
}

/** Takes effect at once, or with the form it stands in. */
export function Switch({
  label,
  description,
  name,
  isOn,
  isOnByDefault = false,
  onChange,
}: SwitchProps) {
  return (
    <BaseField.Root className={styles.row} {...(name !== undefined && { name })}>
      <div className={styles.text}>
        <BaseField.Label className={styles.label}>{label}</BaseField.Label>
        {description !== undefined && (
          <BaseField.Description className={styles.description}>
            {description}
          </BaseField.Description>
        )}
      </div>
      <BaseSwitch.Root
        className={styles.track}
        {...(isOn === undefined ? { defaultChecked: isOnByDefault } : { checked: isOn })}
        onCheckedChange={(next) => onChange?.(next)}
      >
        <BaseSwitch.Thumb className={styles.thumb} />
      </BaseSwitch.Root>
    </BaseField.Root>
  )
}
