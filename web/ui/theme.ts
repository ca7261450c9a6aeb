import { useSyncExternalStore } from 'react'

/** The reader's choice of theme, kept in this browser. `system` follows the device and changes with it. */
export type ThemeChoice = 'system' | 'light' | 'dark'

/** Read before the first paint by public/theme.js. */
const STORAGE_KEY = 'farebox.theme'
const listeners = new Set<() => void>()

export function setTheme(choice: ThemeChoice): void {
  const root = document.documentElement
  if (choice === 'system') delete root.dataset['theme']
  else root.dataset['theme'] = choice
  try {
    if (choice === 'system') localStorage.removeItem(STORAGE_KEY)
    else localStorage.setItem(STORAGE_KEY, choice)
  } catch {
    // Storage can be forbidden; the choice then lasts until the page is closed.
  }
  for (const notify of listeners) notify()
}

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, currentChoice)
}

/** What is on screen; for drawings that cannot use light-dark(), such as a canvas. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, isDark)
}

function currentChoice(): ThemeChoice {
  const theme = document.documentElement.dataset['theme']
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

function isDark(): boolean {
  const choice = currentChoice()
  return choice === 'system' ? systemTheme().matches : choice === 'dark'
}

function systemTheme(): MediaQueryList {
  return matchMedia('(prefers-color-scheme: dark)')
}

function subscribe(listener: () => void): () => void {
  const system = systemTheme()
  listeners.add(listener)
  system.addEventListener('change', listener)
  return () => {
    listeners.delete(listener)
    system.removeEventListener('change', listener)
  }
}
