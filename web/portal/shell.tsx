import { lazy, type ReactNode, Suspense, useState } from 'react'
import { AccountMenu } from '../ui/account-menu.tsx'
import type { Branding } from '../ui/branding.ts'
import type { Command } from '../ui/commands.ts'
import { Frame } from '../ui/frame.tsx'
import { Logo } from '../ui/logo.tsx'
import { NavList } from '../ui/nav-list.tsx'
import type { NavGroup } from '../ui/navigation.ts'
import { useShortcuts } from '../ui/shortcuts.ts'
import { TestBanner } from '../ui/test-banner.tsx'

const CommandPalette = lazy(() =>
  import('../ui/command-palette.tsx').then((m) => ({ default: m.CommandPalette })),
)

interface PortalShellProps {
  readonly branding: Branding
  readonly viewer: { readonly name: string; readonly email: string }
  readonly mode: 'test' | 'live'
  /** Beside test mode's words: which time it is there. */
  readonly testAside?: ReactNode
  readonly navigation: readonly NavGroup[]
  /** What the palette can do besides going to the places of the navigation. */
  readonly commands: readonly Command[]
  readonly onNavigate: (path: string) => void
  readonly onSignOut: () => void
  readonly children: ReactNode
}

/** The customer's side: the operator's name, logo and accent; the places; the account. */
export function PortalShell(props: PortalShellProps) {
  const { branding, viewer, mode, testAside, navigation, onNavigate, onSignOut, children } = props
  const [isPaletteOpen, setPaletteOpen] = useState(false)
  const places = navigation.flatMap((group) => group.entries)
  useShortcuts({ 'mod+k': () => setPaletteOpen(true) })
  return (
    <>
      <Frame
        width="reading"
        banner={
          mode === 'test' && <TestBanner aside={testAside}>No real money moves here.</TestBanner>
        }
        brand={
          <>
            <Logo src={branding.logoUrl} />
            {branding.name}
          </>
        }
        navigation={<NavList groups={navigation} />}
        account={
          <AccountMenu
            {...viewer}
            sections={[
              {
                items: [
                  {
                    label: 'Jump to…',
                    icon: 'search',
                    shortcut: 'mod+k',
                    onSelect: () => setPaletteOpen(true),
                  },
                ],
              },
            ]}
            onSignOut={onSignOut}
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
              ...places.map((entry) => ({
                id: entry.to,
                group: 'Go to',
                run: () => onNavigate(entry.to),
                ...entry,
              })),
              ...props.commands,
            ]}
          />
        </Suspense>
      )}
    </>
  )
}
