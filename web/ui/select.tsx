import { Select as BaseSelect } from '@base-ui/react/select'
import { Icon, type IconName } from './icon.tsx'
import popup from './popup.module.css'
import styles from './select.module.css'

interface SelectOption<Value extends string> {
  readonly value: Value
  readonly label: string
  /** A second line that helps to choose. */
  readonly description?: string
}

interface SelectProps<Value extends string> {
  readonly options: readonly SelectOption<Value>[]
  readonly name?: string
  readonly value?: Value | null
  readonly defaultValue?: Value
  readonly onChange?: (value: Value) => void
  readonly placeholder?: string
  readonly icon?: IconName
  readonly isRequired?: boolean
  /** Where no field label stands above. */
  readonly ariaLabel?: string
  readonly size?: 'sm' | 'md'
}

/** One of a few. Beyond a dozen options, offer a search instead. */
export function Select<Value extends string>({
  options,
  name,
  value,
  defaultValue,
  onChange,
  placeholder = 'Choose…',
  icon,
  isRequired = false,
  ariaLabel,
  size = 'md',
}: SelectProps<Value>) {
  return (
    <BaseSelect.Root<Value>
      items={options}
      required={isRequired}
      {...(name !== undefined && { name })}
      {...(value !== undefined && { value })}
      {...(defaultValue !== undefined && { defaultValue })}
      onValueChange={(next) => {
        if (next !== null) onChange?.(next)
      }}
    >
      <BaseSelect.Trigger className={styles.trigger} data-size={size} aria-label={ariaLabel}>
        {icon !== undefined && <Icon name={icon} />}
        <BaseSelect.Value className={styles.value} placeholder={placeholder} />
        <BaseSelect.Icon className={styles.icon}>
          <Icon name="chevron-up-down" />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner
          className={popup.positioner}
          sideOffset={4}
          alignItemWithTrigger={false}
        >
          <BaseSelect.Popup className={popup.popup}>
            <BaseSelect.List>
              {options.map((option) => (
                <BaseSelect.Item key={option.value} value={option.value} className={popup.item}>
                  <span className={popup.itemText}>
                    <BaseSelect.ItemText>{option.label}</BaseSelect.ItemText>
                    {option.description !== undefined && (
                      <span className={popup.itemHint}>{option.description}</span>
                    )}
                  </span>
                  <BaseSelect.ItemIndicator className={popup.check}>
                    <Icon name="check" size="sm" />
                  </BaseSelect.ItemIndicator>
                </BaseSelect.Item>
              ))}
            </BaseSelect.List>
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  )
}
