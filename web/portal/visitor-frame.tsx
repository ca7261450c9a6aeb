import type { ReactNode } from 'react'
import type { Branding } from '../ui/branding.ts'
import { ButtonLink } from '../ui/link.tsx'
import { Logo } from '../ui/logo.tsx'
import { RouteAnnouncer } from '../ui/route-announcer.tsx'
import { TestBanner } from '../ui/test-banner.tsx'
import { paths } from './paths.ts'
import styles from './visitor-frame.module.css'

interface VisitorFrameProps {
  readonly branding: Branding
  readonly mode: 'test' | 'live'
  readonly children: ReactNode
}

/** Around what may be seen without signing in: whose product it is, and the two ways in. */
export function VisitorFrame({ branding, mode, children }: VisitorFrameProps) {
  return (
    <div className={styles.frame}>
      {mode === 'test' && <TestBanner>No real money moves here.</TestBanner>}
      <header className={styles.header}>
        <div className={styles.inner}>
          <p className={styles.brand}>
            <Logo src={branding.logoUrl} />
            {branding.name}
          </p>
          <nav className={styles.ways} aria-label="Account">
            <ButtonLink to={paths.signIn} search={{ next: paths.plans }} variant="ghost">
              Sign in
            </ButtonLink>
            <ButtonLink to={paths.signUp}>Sign up</ButtonLink>
          </nav>
        </div>
      </header>
      <main id="main" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      <RouteAnnouncer />
    </div>
  )
}
