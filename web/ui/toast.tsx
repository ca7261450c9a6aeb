import { Toast as BaseToast } from '@base-ui/react/toast'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { Icon, type IconName } from './icon.tsx'
import styles from './toast.module.css'

type ToastTone = 'success' | 'danger' | 'neutral'

interface Announcement {
  readonly title: string
  readonly description?: string
  readonly tone?: ToastTone
  readonly action?: { readonly label: string; readonly onSelect: () => void }
}

const manager = BaseToast.createToastManager()

const ICONS: Record<ToastTone, IconName> = {
  success: 'check-circle',
  danger: 'alert',
  neutral: 'info',
}

/**
 * Says that something finished in the background or elsewhere on the page. Never repeats an error that a field or the
 * page shows already.
 */
export function announce({ title, description, tone = 'success', action }: Announcement): void {
  manager.add({
    title,
    description,
    type: tone,
    priority: tone === 'danger' ? 'high' : 'low',
    timeout: tone === 'danger' ? 0 : 5_000,
    ...(action && { actionProps: { children: action.label, onClick: action.onSelect } }),
  })
}

/** Holds the announcements; once, around the app. F6 moves the focus to them. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  return (
    <BaseToast.Provider toastManager={manager} limit={3}>
      {children}
      <BaseToast.Portal>
        <BaseToast.Viewport className={styles.viewport}>
          <Toasts />
        </BaseToast.Viewport>
      </BaseToast.Portal>
    </BaseToast.Provider>
  )
}

function Toasts() {
  const { toasts } = BaseToast.useToastManager()
  return toasts.map((toast) => (
    <BaseToast.Root key={toast.id} toast={toast} className={styles.toast} data-tone={toast.type}>
      <BaseToast.Content className={styles.content}>
        <Icon name={ICONS[(toast.type ?? 'neutral') as ToastTone]} />
        <div className={styles.text}>
          <BaseToast.Title className={styles.title} />
          <BaseToast.Description className={styles.description} />
        </div>
        {toast.actionProps !== undefined && <BaseToast.Action className={styles.action} />}
        <BaseToast.Close
          render={<Button icon="x" variant="ghost" size="sm" aria-label="Dismiss" />}
        />
      </BaseToast.Content>
    </BaseToast.Root>
  ))
}
