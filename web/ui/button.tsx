import { Button as BaseButton } from '@base-ui/react/button'
import { type ComponentProps, type ReactNode, useId, useState } from 'react'
import styles from './button.module.css'
import { Icon, type IconName } from './icon.tsx'
import { Spinner } from './spinner.tsx'
import { Tooltip } from './tooltip.tsx'
import { VisuallyHidden } from './visually-hidden.tsx'

export interface ButtonLook {
  readonly variant?: 'primary' | 'secondary' | 'ghost' | 'danger' | undefined
  readonly size?: 'sm' | 'md' | 'lg' | undefined
  readonly icon?: IconName | undefined
  readonly iconAfter?: IconName | undefined
  readonly isFullWidth?: boolean | undefined
}

interface ButtonProps extends ButtonLook, Omit<ComponentProps<'button'>, 'className' | 'disabled'> {
  readonly isPending?: boolean | undefined
  /** Switches the button off and says why: on pointing, focus and touch, and to a screen reader. There is no other way to disable. */
  readonly disabledReason?: string | undefined
}

export function Button({ isPending = false, disabledReason, children, ...rest }: ButtonProps) {
  const reasonId = useId()
  const [isExplained, setExplained] = useState(false)
  const { look, props } = splitLook(rest)
  const button = (
    <BaseButton
      type="button"
      {...props}
      {...buttonAttributes(look)}
      data-icon-only={children === undefined || undefined}
      disabled={isPending || disabledReason !== undefined}
      focusableWhenDisabled
      aria-busy={isPending || undefined}
      onTouchStart={() => setExplained(true)}
      aria-describedby={disabledReason === undefined ? props['aria-describedby'] : reasonId}
    >
      <ButtonContent look={look} isPending={isPending}>
        {children}
      </ButtonContent>
    </BaseButton>
  )
  if (disabledReason === undefined) return button
  return (
    <>
      <Tooltip label={disabledReason} isOpen={isExplained} onOpenChange={setExplained}>
        {button}
      </Tooltip>
      <VisuallyHidden id={reasonId}>{disabledReason}</VisuallyHidden>
    </>
  )
}

interface ButtonContentProps {
  readonly look: ButtonLook
  readonly isPending?: boolean
  readonly children: ReactNode
}

/** Icon and label; shared with links that look like buttons. */
export function ButtonContent({ look, isPending = false, children }: ButtonContentProps) {
  return (
    <>
      {isPending ? <Spinner /> : look.icon && <Icon name={look.icon} />}
      {children !== undefined && <span className={styles.label}>{children}</span>}
      {look.iconAfter && <Icon name={look.iconAfter} />}
    </>
  )
}

export function buttonAttributes({ variant, size, isFullWidth }: ButtonLook) {
  return {
    className: styles.button,
    'data-variant': variant ?? 'secondary',
    'data-size': size ?? 'md',
    'data-full-width': isFullWidth || undefined,
  }
}

export function splitLook<Props extends ButtonLook>(all: Props) {
  const { variant, size, icon, iconAfter, isFullWidth, ...props } = all
  return { look: { variant, size, icon, iconAfter, isFullWidth }, props }
}
