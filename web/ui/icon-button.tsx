import type { ComponentProps } from 'react'
import { Button } from './button.tsx'
import type { IconName } from './icon.tsx'
import { Tooltip } from './tooltip.tsx'

interface IconButtonProps extends Omit<ComponentProps<typeof Button>, 'children' | 'icon'> {
  /** What it does, for the tooltip and for assistive technology. */
  readonly label: string
  readonly icon: IconName
  readonly shortcut?: string | undefined
}

export function IconButton({ label, icon, shortcut, variant = 'ghost', ...rest }: IconButtonProps) {
  const button = <Button {...rest} variant={variant} icon={icon} aria-label={label} />
  if (rest.disabledReason !== undefined) return button
  return (
    <Tooltip label={label} shortcut={shortcut}>
      {button}
    </Tooltip>
  )
}
