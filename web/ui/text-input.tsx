import { Field as BaseField } from '@base-ui/react/field'
import { type ComponentProps, type ReactNode, useState } from 'react'
import { Icon, type IconName } from './icon.tsx'
import styles from './text-input.module.css'

interface TextInputProps extends Omit<ComponentProps<'input'>, 'className' | 'prefix'> {
  readonly icon?: IconName | undefined
  /** Stands in the control, before or after what is typed: `$`, `calls`. */
  readonly prefix?: ReactNode
  readonly suffix?: ReactNode
  /** Keys, ids, code. */
  readonly isMono?: boolean
}

export function TextInput({ icon, prefix, suffix, isMono = false, ...input }: TextInputProps) {
  const [isRevealed, setRevealed] = useState(false)
  const isSecret = input.type === 'password'
  return (
    <span className={styles.control} data-mono={isMono || undefined}>
      {icon !== undefined && <Icon name={icon} />}
      {prefix !== undefined && <span className={styles.affix}>{prefix}</span>}
      <BaseField.Control
        {...input}
        className={styles.input}
        type={isSecret && isRevealed ? 'text' : (input.type ?? 'text')}
      />
      {suffix !== undefined && <span className={styles.affix}>{suffix}</span>}
      {isSecret && (
        <button
          type="button"
          className={styles.reveal}
          aria-label={isRevealed ? 'Hide password' : 'Show password'}
          aria-pressed={isRevealed}
          onClick={() => setRevealed(!isRevealed)}
        >
          <Icon name={isRevealed ? 'eye-off' : 'eye'} />
        </button>
      )}
    </span>
  )
}

type TextAreaProps = Omit<ComponentProps<'textarea'>, 'className'> & { readonly isMono?: boolean }

export function TextArea({ isMono = false, rows = 3, ...textarea }: TextAreaProps) {
  return (
    <span className={styles.control} data-mono={isMono || undefined} data-multiline>
      <BaseField.Control render={<textarea {...textarea} rows={rows} className={styles.input} />} />
    </span>
  )
}
