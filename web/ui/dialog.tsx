import { Dialog as BaseDialog } from '@base-ui/react/dialog'
import type { ReactElement, ReactNode } from 'react'
import { Button } from './button.tsx'
import styles from './dialog.module.css'

interface DialogProps {
  readonly title: ReactNode
  readonly description?: ReactNode
  /** What opens it, or nothing when the page holds `isOpen`. */
  readonly trigger?: ReactElement
  readonly isOpen?: boolean
  readonly onOpenChange?: (isOpen: boolean) => void
  readonly size?: 'sm' | 'md' | 'lg'
  /** Closes only by its own buttons: for what would be lost, such as a secret shown once. */
  readonly isPersistent?: boolean
  readonly children: ReactNode
}

/** A short task above the page. Focus goes in, stays in and comes back to where it was. */
export function Dialog({
  title,
  description,
  trigger,
  isOpen,
  onOpenChange,
  size = 'md',
  isPersistent = false,
  children,
}: DialogProps) {
  return (
    <BaseDialog.Root
      {...(isOpen !== undefined && { open: isOpen })}
      disablePointerDismissal={isPersistent}
      onOpenChange={(next, details) => {
        if (isPersistent && details.reason === 'escape-key') details.cancel()
        else onOpenChange?.(next)
      }}
    >
      {trigger !== undefined && <BaseDialog.Trigger render={trigger} />}
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={styles.backdrop} />
        <BaseDialog.Viewport className={styles.viewport}>
          <BaseDialog.Popup className={styles.popup} data-size={size}>
            <header className={styles.header}>
              <BaseDialog.Title className={styles.title}>{title}</BaseDialog.Title>
              {description !== undefined && (
                <BaseDialog.Description className={styles.description}>
                  {description}
                </BaseDialog.Description>
              )}
            </header>
            <div className={styles.body}>{children}</div>
            {!isPersistent && (
              <div className={styles.close}>
                {/* Without a tooltip: Escape would close that first, and the cross needs no words. */}
                <BaseDialog.Close
                  render={<Button icon="x" variant="ghost" size="sm" aria-label="Close" />}
                />
              </div>
            )}
          </BaseDialog.Popup>
        </BaseDialog.Viewport>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  )
}

/** The buttons at the dialog's end, the verb last. Stands inside the form, if there is one. */
export function DialogActions({ children }: { readonly children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>
}

/** Closes the dialog it stands in without doing anything. */
export function DialogCancel({ children = 'Cancel' }: { readonly children?: ReactNode }) {
  return <BaseDialog.Close render={<Button>{children}</Button>} />
}
