import { Dialog as BaseDialog } from '@base-ui/react/dialog'
import { type KeyboardEvent, useDeferredValue, useId, useState } from 'react'
import styles from './command-palette.module.css'
import { type Command, groupCommands, rankCommands } from './commands.ts'
import dialog from './dialog.module.css'
import { Icon } from './icon.tsx'
import { Kbd } from './kbd.tsx'
import popup from './popup.module.css'
import { Spinner } from './spinner.tsx'

interface CommandPaletteProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
  readonly commands: readonly Command[]
  /** What the server finds for the query, in groups of its own below. */
  readonly found?: readonly Command[]
  readonly isSearching?: boolean
  /** Called with what is typed, for the app to search the server. */
  readonly onQuery?: (query: string) => void
  readonly placeholder?: string
}

/** Goes anywhere and does anything from the keyboard. */
export function CommandPalette({ isOpen, onOpenChange, ...rest }: CommandPaletteProps) {
  return (
    <BaseDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={dialog.backdrop} />
        <BaseDialog.Popup className={styles.palette} aria-label="Commands">
          <Palette {...rest} onClose={() => onOpenChange(false)} />
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  )
}

type PaletteProps = Omit<CommandPaletteProps, 'isOpen' | 'onOpenChange'> & {
  readonly onClose: () => void
}

function Palette(props: PaletteProps) {
  const { commands, found = [], isSearching = false, onQuery, onClose } = props
  const listId = useId()
  const [query, setQuery] = useState('')
  const [highlighted, setHighlighted] = useState(0)
  const groups = groupCommands([...rankCommands(commands, useDeferredValue(query)), ...found])
  const flat = groups.flatMap((group) => group.commands)
  const current = flat[Math.min(highlighted, flat.length - 1)]

  function run(command: Command | undefined) {
    if (command === undefined) return
    onClose()
    command.run()
  }

  function steer(event: KeyboardEvent) {
    const last = flat.length - 1
    const moves: Record<string, () => void> = {
      ArrowDown: () => setHighlighted(highlighted >= last ? 0 : highlighted + 1),
      ArrowUp: () => setHighlighted(highlighted <= 0 ? last : highlighted - 1),
      Home: () => setHighlighted(0),
      End: () => setHighlighted(last),
      Enter: () => run(current),
    }
    const move = moves[event.key]
    if (move === undefined || event.nativeEvent.isComposing) return
    event.preventDefault()
    move()
  }

  return (
    <>
      <div className={styles.top}>
        {isSearching ? <Spinner /> : <Icon name="search" />}
        <input
          className={styles.input}
          role="combobox"
          aria-label="Search commands"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={current && `${listId}-${current.id}`}
          placeholder={props.placeholder ?? 'Search or jump to…'}
          value={query}
          autoComplete="off"
          spellCheck={false}
          onKeyDown={steer}
          onChange={(event) => {
            setQuery(event.target.value)
            setHighlighted(0)
            onQuery?.(event.target.value)
          }}
        />
        <Kbd keys="esc" />
      </div>
      <div className={styles.list} id={listId} role="listbox" aria-label="Commands">
        {groups.map(({ group, commands: members }) => (
          <div key={group} role="group" aria-label={group}>
            <div className={popup.groupLabel}>{group}</div>
            {members.map((command) => (
              <div
                key={command.id}
                id={`${listId}-${command.id}`}
                className={popup.item}
                role="option"
                tabIndex={-1}
                ref={command === current ? keepInView : undefined}
                aria-selected={command === current}
                data-highlighted={command === current || undefined}
                onMouseMove={() => setHighlighted(flat.indexOf(command))}
                onClick={() => run(command)}
                onKeyDown={steer}
              >
                <Icon name={command.icon} />
                <span className={styles.label}>{command.label}</span>
                {command.hint !== undefined && <span className={styles.hint}>{command.hint}</span>}
                {command.shortcut !== undefined && <Kbd keys={command.shortcut} />}
              </div>
            ))}
          </div>
        ))}
        {flat.length === 0 && !isSearching && (
          <p className={styles.none} role="status">
            Nothing found for “{query}”.
          </p>
        )}
      </div>
    </>
  )
}

function keepInView(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' })
}
