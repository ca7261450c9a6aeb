import { Dialog } from '../ui/dialog.tsx'
import { Kbd } from '../ui/kbd.tsx'
import type { NavGroup } from '../ui/navigation.ts'
import styles from './shortcut-help.module.css'

interface ShortcutHelpProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
  readonly navigation: readonly NavGroup[]
}

const EVERYWHERE = [
  { keys: 'mod+k', label: 'Search, go anywhere, do anything' },
  { keys: '/', label: 'Search this list' },
  { keys: 'esc', label: 'Close what is open' },
  { keys: '?', label: 'This help' },
]

export function ShortcutHelp({ isOpen, onOpenChange, navigation }: ShortcutHelpProps) {
  const places = navigation
    .flatMap((group) => group.entries)
    .flatMap(({ label, shortcut }) => (shortcut === undefined ? [] : [{ keys: shortcut, label }]))
  return (
    <Dialog title="Keyboard shortcuts" size="lg" isOpen={isOpen} onOpenChange={onOpenChange}>
      <div className={styles.columns}>
        <ShortcutList title="Everywhere" shortcuts={EVERYWHERE} />
        <ShortcutList title="Go to" shortcuts={places} />
      </div>
    </Dialog>
  )
}

interface ShortcutListProps {
  readonly title: string
  readonly shortcuts: readonly { readonly keys: string; readonly label: string }[]
}

function ShortcutList({ title, shortcuts }: ShortcutListProps) {
  return (
    <section>
      <h3 className={styles.title}>{title}</h3>
      <dl className={styles.list}>
        {shortcuts.map(({ keys, label }) => (
          <div key={keys} className={styles.line}>
            <dt>{label}</dt>
            <dd>
              <Kbd keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
