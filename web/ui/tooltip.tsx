import { Tooltip as BaseTooltip } from '@base-ui/react/tooltip'
import type { ReactElement, ReactNode } from 'react'
import { Kbd } from './kbd.tsx'
import styles from './tooltip.module.css'

interface TooltipProps {
  readonly label: ReactNode
  readonly shortcut?: string | undefined
  readonly side?: 'top' | 'right' | 'bottom' | 'left'
  /** For a hint that opens by more than pointing and focus. */
  readonly isOpen?: boolean
  readonly onOpenChange?: (isOpen: boolean) => void
  /** One element that can take focus. */
  readonly children: ReactElement
}

/** A hint for the eye. Whatever it says must also be reachable without it: a label, a description, the page. */
export function Tooltip(props: TooltipProps) {
  const { label, shortcut, side = 'top', isOpen, onOpenChange, children } = props
  return (
    <BaseTooltip.Root
      {...(isOpen !== undefined && { open: isOpen })}
      onOpenChange={(next) => onOpenChange?.(next)}
    >
      <BaseTooltip.Trigger render={children} />
      <BaseTooltip.Portal>
        <BaseTooltip.Positioner className={styles.positioner} side={side} sideOffset={6}>
          <BaseTooltip.Popup className={styles.popup}>
            {label}
            {shortcut !== undefined && <Kbd keys={shortcut} />}
          </BaseTooltip.Popup>
        </BaseTooltip.Positioner>
      </BaseTooltip.Portal>
    </BaseTooltip.Root>
  )
}
