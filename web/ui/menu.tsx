import { Menu as BaseMenu } from '@base-ui/react/menu'
import { Fragment, type ReactElement } from 'react'
import { Icon, type IconName } from './icon.tsx'
import { Kbd } from './kbd.tsx'
import popup from './popup.module.css'

interface MenuItem {
  readonly label: string
  readonly icon?: IconName
  readonly onSelect?: () => void
  /** Instead of an act, a link made by the app: `<Link to=… />`. */
  readonly link?: ReactElement
  readonly tone?: 'danger'
  readonly shortcut?: string
  readonly hint?: string | undefined
  /** Present and switched off, with the reason as its second line. */
  readonly disabledReason?: string | undefined
  readonly isChecked?: boolean
}

export interface MenuSection {
  readonly label?: string
  readonly items: readonly MenuItem[]
}

interface MenuProps {
  readonly trigger: ReactElement
  readonly sections: readonly MenuSection[]
  readonly align?: 'start' | 'end'
  readonly side?: 'top' | 'bottom'
}

export function Menu({ trigger, sections, align = 'end', side = 'bottom' }: MenuProps) {
  return (
    <BaseMenu.Root>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner
          className={popup.positioner}
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
        >
          <BaseMenu.Popup className={popup.popup}>
            {sections.map((section, index) => (
              <Fragment key={section.label ?? section.items[0]?.label}>
                {index > 0 && <BaseMenu.Separator className={popup.separator} />}
                <BaseMenu.Group>
                  {section.label !== undefined && (
                    <BaseMenu.GroupLabel className={popup.groupLabel}>
                      {section.label}
                    </BaseMenu.GroupLabel>
                  )}
                  {section.items.map((item) => (
                    <Item key={item.label} item={item} />
                  ))}
                </BaseMenu.Group>
              </Fragment>
            ))}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  )
}

function Item({ item }: { readonly item: MenuItem }) {
  const hint = item.disabledReason ?? item.hint
  const content = (
    <>
      {item.icon !== undefined && <Icon name={item.icon} />}
      <span className={popup.itemText}>
        {item.label}
        {hint !== undefined && <span className={popup.itemHint}>{hint}</span>}
      </span>
      {item.shortcut !== undefined && <Kbd keys={item.shortcut} />}
      {item.isChecked === true && (
        <span className={popup.check}>
          <Icon name="check" size="sm" />
        </span>
      )}
    </>
  )
  if (item.link !== undefined) {
    return (
      <BaseMenu.LinkItem className={popup.item} render={item.link} closeOnClick>
        {content}
      </BaseMenu.LinkItem>
    )
  }
  return (
    <BaseMenu.Item
      className={popup.item}
      data-tone={item.tone}
      disabled={item.disabledReason !== undefined}
      onClick={() => item.onSelect?.()}
    >
      {content}
    </BaseMenu.Item>
  )
}
