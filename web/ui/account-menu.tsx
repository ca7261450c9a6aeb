import styles from './account-menu.module.css'
import { Avatar } from './avatar.tsx'
import { Icon, type IconName } from './icon.tsx'
import { Menu, type MenuSection } from './menu.tsx'
import { setTheme, type ThemeChoice, useThemeChoice } from './theme.ts'

interface AccountMenuProps {
  readonly name: string
  readonly email: string
  /** The app's own entries, above the theme. */
  readonly sections?: readonly MenuSection[]
  readonly onSignOut: () => void
}

const THEMES: readonly { readonly choice: ThemeChoice; label: string; icon: IconName }[] = [
  { choice: 'system', label: 'System', icon: 'monitor' },
  { choice: 'light', label: 'Light', icon: 'sun' },
  { choice: 'dark', label: 'Dark', icon: 'moon' },
]

const NO_SECTIONS: readonly MenuSection[] = []

export function AccountMenu({ name, email, sections = NO_SECTIONS, onSignOut }: AccountMenuProps) {
  const current = useThemeChoice()
  const themes = THEMES.map(({ choice, label, icon }) => ({
    label,
    icon,
    isChecked: choice === current,
    onSelect: () => setTheme(choice),
  }))
  return (
    <Menu
      side="top"
      align="start"
      trigger={
        <button type="button" className={styles.trigger}>
          <Avatar name={name} />
          <span className={styles.who}>
            <span className={styles.name}>{name}</span>
            <span className={styles.email}>{email}</span>
          </span>
          <Icon name="chevron-up-down" />
        </button>
      }
      sections={[
        ...sections,
        { label: 'Theme', items: themes },
        { items: [{ label: 'Sign out', icon: 'sign-out', onSelect: onSignOut }] },
      ]}
    />
  )
}
