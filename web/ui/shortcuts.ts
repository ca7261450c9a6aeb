import { useEffect, useRef } from 'react'
import { createKeySequence, type KeyPress } from './key-sequence.ts'

/** From what is pressed to what happens: `?`, `/`, `g c`, `mod+k` (⌘ on Apple's keyboards, Ctrl elsewhere). */
export type Shortcuts = Readonly<Record<string, () => void>>

/**
 * Listens while mounted. Plain keys are left alone while the reader types or a dialog is open; the later of two
 * components with the same shortcut wins, which is the one nearer to what the reader looks at.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts)
  useEffect(() => {
    latest.current = shortcuts
  })
  useEffect(() => {
    const sequence = createKeySequence()
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.repeat) return
      const press: KeyPress = {
        key: event.key,
        hasModifier: event.metaKey || event.ctrlKey,
        hasAlt: event.altKey,
        isTyping: isTaken(event.target),
      }
      const matched = sequence.press(press, Object.keys(latest.current), event.timeStamp)
      if (matched === undefined) return
      event.preventDefault()
      latest.current[matched]?.()
    }
    document.addEventListener('keydown', listen)
    return () => document.removeEventListener('keydown', listen)
  }, [])
}

/** Whether the key means something where it was pressed: in a text field, or in what is open above the page. */
function isTaken(target: EventTarget | null): boolean {
  const fields = 'input, textarea, select, [contenteditable], [role="combobox"]'
  const layers = '[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]'
  return target instanceof Element && target.closest(`${fields}, ${layers}`) !== null
}
