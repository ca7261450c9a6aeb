import { createLink } from '@tanstack/react-router'
import type { ComponentProps } from 'react'
import { ButtonContent, buttonAttributes, type ButtonLook, splitLook } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'
import styles from './link.module.css'

/** A link in running text, typed by the app's routes. */
export const Link = createLink(TextAnchor)

/** A link that is the page's call to action; navigation stays a link, so it opens in a new tab too. */
export const ButtonLink = createLink(ButtonAnchor)

/** The link in a table's row whose click area is the whole row. */
export const RowLink = createLink(RowAnchor)

/** A card that leads to what it counts. */
export const TileLink = createLink(TileAnchor)

/** An entry of a shell's navigation; the current page's is marked for eye and screen reader. */
export const NavLink = createLink(NavAnchor)

interface ExternalLinkProps extends ComponentProps<'a'> {
  readonly href: string
}

/** Leaves the product, in a new tab, and says so. */
export function ExternalLink({ children, ...props }: ExternalLinkProps) {
  return (
    <a {...props} className={styles.text} target="_blank" rel="noreferrer">
      {children}
      <Icon name="external" size="sm" />
    </a>
  )
}

/** A call to action that leaves the product, in a new tab. */
export function ExternalButtonLink({
  children,
  ...props
}: ComponentProps<'a'> & ButtonLook & { readonly href: string }) {
  return (
    <ButtonAnchor {...props} icon="external" target="_blank" rel="noreferrer">
      {children}
    </ButtonAnchor>
  )
}

/** A link whose page is loaded anew: another mode, another app. */
export function DocumentLink(props: ComponentProps<'a'>) {
  return <TextAnchor {...props} />
}

function TextAnchor({ children, ...props }: ComponentProps<'a'>) {
  return (
    <a {...props} className={styles.text}>
      {children}
    </a>
  )
}

function ButtonAnchor({ children, ...all }: ComponentProps<'a'> & ButtonLook) {
  const { look, props } = splitLook(all)
  return (
    <a {...props} {...buttonAttributes(look)}>
      <ButtonContent look={look}>{children}</ButtonContent>
    </a>
  )
}

function RowAnchor({ children, ...props }: ComponentProps<'a'>) {
  return (
    <a {...props} className={styles.row}>
      {children}
    </a>
  )
}

function TileAnchor({ children, ...props }: ComponentProps<'a'>) {
  return (
    <a {...props} className={styles.tile}>
      {children}
    </a>
  )
}

interface NavAnchorProps extends ComponentProps<'a'> {
  readonly icon: IconName
  /** Something waits there: `3` failed events. */
  readonly count?: number | undefined
}

function NavAnchor({ icon, count = 0, children, ...props }: NavAnchorProps) {
  return (
    <a {...props} className={styles.nav}>
      <Icon name={icon} />
      <span className={styles.navLabel}>{children}</span>
      {count > 0 && <span className={styles.count}>{count}</span>}
    </a>
  )
}
