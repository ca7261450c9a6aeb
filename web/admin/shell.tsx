import { lazy, type ReactNode, Suspense, useState } from 'react'
import { AccountMenu } from '../ui/account-menu.tsx'
import type { Command } from '../ui/commands.ts'
import { Frame } from '../ui/frame.tsx'
import { Icon } from '../ui/icon.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { Logo } from '../ui/logo.tsx'
import { NavList } from '../ui/nav-list.tsx'
import type { NavGroup } from '../ui/navigation.ts'
import { type Shortcuts, useShortcuts } from '../ui/shortcuts.ts'
import { TestBanner } from '../ui/test-banner.tsx'
import type { Mode } from './mode.ts'
import { ModeSwitch } from './mode-switch.tsx'
import styles from './shell.module.css'
import { ShortcutHelp } from './shortcut-help.tsx'

const CommandPalette = lazy(() =>
  import('../ui/command-palette.tsx').then((m) => ({ default: m.CommandPalette })),
)

export interface AdminShellProps {
  readonly installationName: string
  readonly viewer: { readonly name: string; readonly email: string }
  readonly mode: Mode
  readonly isLiveConfigured: boolean
  /** What test mode talks to: "the simulator", "Stripe's test mode". */
  readonly testProvider: string
  readonly navigation: readonly NavGroup[]
  /** What waits, by path: failed events, disputes to answer. */
  readonly counts?: Readonly<Record<string, number>>
  /** Acts of the current page and of the app; places to go to are added here. */
  readonly commands: readonly Command[]
  /** What the server found for the palette's query. */
  readonly found?: readonly Command[]
  readonly isSearching?: boolean
  readonly onQuery?: (query: string) => void
  readonly onNavigate: (path: string) => void
  readonly onSwitchMode: (mode: Mode) => void
  readonly onSignOut: () => void
  readonly children: ReactNode
}

/** The operator's side: dense, one noun per place, everything reachable from the keyboard. */
export function AdminShell(props: AdminShellProps) {
  const { mode, navigation, onNavigate, onSwitchMode, children } = props
  const [isPaletteOpen, setPaletteOpen] = useState(false)
  const [isHelpOpen, setHelpOpen] = useState(false)
  const places = navigation.flatMap((group) => group.entries)
  useShortcuts({
    'mod+k': () => setPaletteOpen(true),
    '?': () => setHelpOpen(true),
    ...jumps(navigation, onNavigate),
  })
  return (
    <>
      <Frame
        width="working"
        banner={
          mode === 'test' && (
            <TestBanner aside={<span>{props.testProvider}</span>}>
              Nothing here touches real customers or real money.
            </TestBanner>
          )
        }
        brand={
          <>
            <Logo />
            {props.installationName}
          </>
        }
        tools={
          <div className={styles.tools}>
            <ModeSwitch
              mode={mode}
              isLiveConfigured={props.isLiveConfigured}
              onSwitch={onSwitchMode}
            />
            <button type="button" className={styles.search} onClick={() => setPaletteOpen(true)}>
              <Icon name="search" />
              Search or jump to
              <Kbd keys="mod+k" />
            </button>
          </div>
        }
        navigation={<NavList groups={navigation} {...(props.counts && { counts: props.counts })} />}
        account={
          <AccountMenu
            {...props.viewer}
            sections={[
              {
                items: [
                  {
                    label: 'Keyboard shortcuts',
                    icon: 'terminal',
                    shortcut: '?',
                    onSelect: () => setHelpOpen(true),
                  },
                ],
              },
            ]}
            onSignOut={props.onSignOut}
          />
        }
      >
        {children}
      </Frame>
      {isPaletteOpen && (
        <Suspense>
          <CommandPalette
            isOpen
            onOpenChange={setPaletteOpen}
            commands={[
              ...props.commands,
              ...places.map((entry) => ({
                id: entry.to,
                group: 'Go to',
                run: () => onNavigate(entry.to),
                ...entry,
              })),
            ]}
            {...(props.found && { found: props.found })}
            isSearching={props.isSearching ?? false}
            {...(props.onQuery && { onQuery: props.onQuery })}
            placeholder="Search customers, keys, invoices, or jump to…"
          />
        </Suspense>
      )}
      <ShortcutHelp isOpen={isHelpOpen} onOpenChange={setHelpOpen} navigation={navigation} />
    </>
  )
}

function jumps(navigation: readonly NavGroup[], onNavigate: (path: string) => void): Shortcuts {
  const entries = navigation.flatMap((group) => group.entries)
  return Object.fromEntries(
    entries.flatMap(({ shortcut, to }) =>
      shortcut === undefined ? [] : [[shortcut, () => onNavigate(to)]],
    ),
  )
}
