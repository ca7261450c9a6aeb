import { Dialog as BaseDialog } from '@base-ui/react/dialog'
import { type ReactNode, useState } from 'react'
import styles from './frame.module.css'
import { Button } from './button.tsx'
import { RouteAnnouncer } from './route-announcer.tsx'

interface FrameProps {
  /** Across the top of everything: test mode, acting as a customer. */
  readonly banner?: ReactNode
  readonly brand: ReactNode
  /** Under the brand: the mode, the search. */
  readonly tools?: ReactNode
  readonly navigation: ReactNode
  /** At the sidebar's foot: the account. */
  readonly account: ReactNode
  readonly width: 'reading' | 'working'
  readonly children: ReactNode
}

/** The layout of a signed-in app: a sidebar where there is room, a top bar with a sheet where there is not. */
export function Frame(props: FrameProps) {
  const { banner, brand, tools, navigation, account, width, children } = props
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      {banner}
      <div className={styles.columns}>
        <aside className={styles.sidebar}>
          <div className={styles.brand}>{brand}</div>
          {tools}
          <nav className={styles.navigation} aria-label="Main">
            {navigation}
          </nav>
          {account}
        </aside>
        <div className={styles.content}>
          <TopBar {...props} />
          <main id="main" className={styles.main} data-width={width} tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
      <RouteAnnouncer />
    </div>
  )
}

function TopBar({ brand, tools, navigation, account }: FrameProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <header className={styles.topBar}>
      <div className={styles.brand}>{brand}</div>
      <BaseDialog.Root open={isOpen} onOpenChange={setOpen}>
        <BaseDialog.Trigger render={<Button icon="menu" variant="ghost" aria-label="Menu" />} />
        <BaseDialog.Portal>
          <BaseDialog.Backdrop className={styles.scrim} />
          {/* Following a link inside closes the sheet; the links themselves are the way to use it by keyboard. */}
          {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events */}
          <BaseDialog.Popup
            className={styles.sheet}
            aria-label="Menu"
            onClick={(event) => {
              if (event.target instanceof Element && event.target.closest('a')) setOpen(false)
            }}
          >
            <div className={styles.sheetTop}>
              <div className={styles.brand}>{brand}</div>
              <BaseDialog.Close
                render={<Button icon="x" variant="ghost" aria-label="Close menu" />}
              />
            </div>
            {tools}
            <nav className={styles.navigation} aria-label="Main">
              {navigation}
            </nav>
            {account}
          </BaseDialog.Popup>
        </BaseDialog.Portal>
      </BaseDialog.Root>
    </header>
  )
}
