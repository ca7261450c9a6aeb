import { type ReactNode, useRef, useState } from 'react'
import { Button } from './button.tsx'
import { Field } from './field.tsx'
import styles from './filter-bar.module.css'
import { Menu } from './menu.tsx'
import { useShortcuts } from './shortcuts.ts'
import { TextInput } from './text-input.tsx'

interface Filter {
  readonly key: string
  readonly label: string
  readonly options: readonly { readonly value: string; readonly label: string }[]
  /** From the URL; undefined when not set. */
  readonly value: string | undefined
}

interface Search {
  readonly placeholder: string
  /** From the URL. */
  readonly value: string
  /** Called when the typing pauses. */
  readonly onChange: (value: string) => void
}

interface FilterBarProps {
  readonly search?: Search
  readonly filters?: readonly Filter[]
  /** Puts these filters into the URL, or takes them out; the page's cursor goes with them. */
  readonly onFilter?: (patch: Readonly<Record<string, string | undefined>>) => void
  /** A range picker, an export. */
  readonly children?: ReactNode
}

const NO_FILTERS: readonly Filter[] = []

/** Narrows the listing below. Everything it holds is in the URL, so it survives reload, back and sharing. */
export function FilterBar({ search, filters = NO_FILTERS, onFilter, children }: FilterBarProps) {
  const active = filters.filter((filter) => filter.value !== undefined)
  return (
    <search className={styles.bar}>
      {search !== undefined && <SearchInput {...search} />}
      {filters.map((filter) => (
        <FilterChip key={filter.key} filter={filter} onFilter={onFilter} />
      ))}
      {active.length > 0 && (
        <Button
          variant="ghost"
          size="sm"
          onClick={() => onFilter?.(Object.fromEntries(active.map(({ key }) => [key, undefined])))}
        >
          Clear
        </Button>
      )}
      {children !== undefined && <div className={styles.end}>{children}</div>}
    </search>
  )
}

const PAUSE_MS = 250

function SearchInput({ placeholder, value, onChange }: Search) {
  const input = useRef<HTMLInputElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const [typed, setTyped] = useState({ text: value, from: value })
  useShortcuts({ '/': () => input.current?.focus() })
  // The address changed by itself, with Back or "Clear": it wins over what was typed.
  if (typed.from !== value) setTyped({ text: value, from: value })

  function type(text: string) {
    setTyped({ text, from: value })
    clearTimeout(timer.current)
    timer.current = setTimeout(() => onChange(text.trim()), PAUSE_MS)
  }

  return (
    <div className={styles.search}>
      <Field label="Search" isLabelHidden>
        <TextInput
          ref={input}
          type="search"
          icon="search"
          placeholder={placeholder}
          value={typed.text}
          onChange={(event) => type(event.target.value)}
        />
      </Field>
    </div>
  )
}

interface FilterChipProps {
  readonly filter: Filter
  readonly onFilter: FilterBarProps['onFilter']
}

function FilterChip({ filter, onFilter }: FilterChipProps) {
  const chosen = filter.options.find((option) => option.value === filter.value)
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          className={styles.chip}
          data-active={chosen !== undefined || undefined}
        >
          {filter.label}
          {chosen !== undefined && <span className={styles.value}>{chosen.label}</span>}
        </button>
      }
      sections={[
        {
          items: [
            {
              label: 'Any',
              isChecked: chosen === undefined,
              onSelect: () => onFilter?.({ [filter.key]: undefined }),
            },
            ...filter.options.map((option) => ({
              label: option.label,
              isChecked: option === chosen,
              onSelect: () => onFilter?.({ [filter.key]: option.value }),
            })),
          ],
        },
      ]}
    />
  )
}
