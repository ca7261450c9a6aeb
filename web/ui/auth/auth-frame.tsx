import type { ReactNode } from 'react'
import { Logo } from '../logo.tsx'
import styles from './auth-frame.module.css'

interface AuthFrameProps {
  readonly productName: string
  readonly logoUrl?: string | null | undefined
  readonly title: string
  readonly description?: ReactNode
  readonly children: ReactNode
  /** The way to the other screen: "New here? Create an account." */
  readonly footer?: ReactNode
}

/** What somebody sees before they are signed in: whose product it is, and one thing to do. */
export function AuthFrame(props: AuthFrameProps) {
  const { productName, logoUrl, title, description, children, footer } = props
  return (
    <main className={styles.frame}>
      <div className={styles.column}>
        <header className={styles.header}>
          <p className={styles.brand}>
            <Logo src={logoUrl ?? null} size="lg" />
            {productName}
          </p>
          <div>
            <h1 className={styles.title}>{title}</h1>
            {description !== undefined && <p className={styles.description}>{description}</p>}
          </div>
        </header>
        <div className={styles.card}>{children}</div>
        {footer !== undefined && <footer className={styles.footer}>{footer}</footer>}
      </div>
    </main>
  )
}
