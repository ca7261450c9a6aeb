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
  /** While what it switched is being saved. */
  readonly isPending?: boolean
  /** Why it cannot be switched; said after the description. */
  readonly disabledReason?: string | undefined
}

/** Takes effect at once, or with the form it stands in. */
export function Switch({
  label,
  description,
  name,
  isOn,
  isOnByDefault = false,
  onChange,
  isPending = false,
  disabledReason,
}: SwitchProps) {
  return (
    <BaseField.Root className={styles.row} {...(name !== undefined && { name })}>
      <div className={styles.text}>
        <BaseField.Label className={styles.label}>{label}</BaseField.Label>
        {(description !== undefined || disabledReason !== undefined) && (
          <BaseField.Description className={styles.description}>
            {description} {disabledReason}
          </BaseField.Description>
        )}
      </div>
      <BaseSwitch.Root
        className={styles.track}
        {...(isOn === undefined ? { defaultChecked: isOnByDefault } : { checked: isOn })}
        disabled={isPending || disabledReason !== undefined}
        onCheckedChange={(next) => onChange?.(next)}
      >
        <BaseSwitch.Thumb className={styles.thumb} />
      </BaseSwitch.Root>
    </BaseField.Root>
  )
}
