/** One key going down, stripped of the browser. */
export interface KeyPress {
  readonly key: string
  /** ⌘ or Ctrl. */
  readonly hasModifier: boolean
  readonly hasAlt: boolean
  /** The key belongs to a text field or a dialog. */
  readonly isTyping: boolean
}

export interface KeySequence {
  /** The shortcut this press completes, if any. */
  press(press: KeyPress, shortcuts: readonly string[], atMs: number): string | undefined
}

/** How long `g` waits for its `c`. */
const SEQUENCE_MS = 900

export function createKeySequence(): KeySequence {
  let pending: { readonly key: string; readonly atMs: number } | undefined
  return {
    press(press, shortcuts, atMs) {
      const first =
        pending !== undefined && atMs - pending.atMs <= SEQUENCE_MS ? pending : undefined
      pending = undefined
      if (press.hasAlt) return undefined
      if (press.hasModifier) return find(shortcuts, `mod+${press.key.toLowerCase()}`)
      if (press.isTyping) return undefined
      const sequence = first && find(shortcuts, `${first.key} ${press.key}`)
      if (sequence !== undefined) return sequence
      if (shortcuts.some((shortcut) => shortcut.startsWith(`${press.key} `))) {
        pending = { key: press.key, atMs }
        return undefined
      }
      return find(shortcuts, press.key)
    },
  }
}

function find(shortcuts: readonly string[], pressed: string): string | undefined {
  return shortcuts.find((shortcut) => shortcut === pressed)
}
