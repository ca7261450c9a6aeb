import type { ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import styles from './list-editor.module.css'

interface ListEditorProps<Item> {
  /** Names the list for assistive technology: "Rate limits". */
  readonly label: string
  readonly items: readonly Item[]
  readonly onChange: (items: readonly Item[]) => void
  readonly makeItem: () => Item
  /** The verb: "Add rate limit". */
  readonly addLabel: string
  /** What an item is called where it is taken away: "rate limit". */
  readonly noun: string
  /** There is nothing left to add. */
  readonly isFull?: boolean
  /** What it means that there are none. */
  readonly empty: ReactNode
  readonly children: (
    item: Item,
    change: (patch: Partial<Item>) => void,
    index: number,
  ) => ReactNode
}

/** Several of the same, each a row of fields, to add to and take from. */
export function ListEditor<Item>(props: ListEditorProps<Item>) {
  const {
    label,
    items,
    onChange,
    makeItem,
    addLabel,
    noun,
    isFull = false,
    empty,
    children,
  } = props
  const change = (index: number) => (patch: Partial<Item>) =>
    onChange(items.map((item, at) => (at === index ? { ...item, ...patch } : item)))
  return (
    <div className={styles.list} role="group" aria-label={label}>
      {items.length === 0 && <p className={styles.empty}>{empty}</p>}
      {items.map((item, index) => (
        // Rows have no identity of their own, and every control in them shows what the list holds.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={styles.row}>
          <div className={styles.fields}>{children(item, change(index), index)}</div>
          <IconButton
            icon="trash"
            label={`Remove ${noun} ${index + 1}`}
            onClick={() => onChange(items.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <div>
        <Button
          size="sm"
          icon="plus"
          disabledReason={isFull ? `There is no further ${noun}.` : undefined}
          onClick={() => onChange([...items, makeItem()])}
        >
          {addLabel}
        </Button>
      </div>
    </div>
  )
}
