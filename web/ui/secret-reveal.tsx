import { type ReactNode, useState } from 'react'
import { Banner } from './banner.tsx'
import { Button } from './button.tsx'
import { Checkbox } from './checkbox.tsx'
import { copyLabel, useCopy } from './copy-text.tsx'
import { Dialog, DialogActions } from './dialog.tsx'
import styles from './secret-reveal.module.css'

interface SecretRevealProps {
  readonly title: string
  /** What it is: "API key". */
  readonly noun: string
  readonly secret: string
  /** What to do with it next: a call to try. */
  readonly children?: ReactNode
  readonly onDone: () => void
}

/** Shows a secret the one time it can be seen. The dialog stays until the reader says it is saved. */
export function SecretReveal({ title, noun, secret, children, onDone }: SecretRevealProps) {
  const [isSaved, setSaved] = useState(false)
  const { feedback, copy } = useCopy(secret)
  return (
    <Dialog title={title} isOpen isPersistent>
      <div className={styles.content}>
        <Banner tone="warning" title={`This ${noun} is shown only now.`}>
          We keep a fingerprint of it, not the {noun} itself. Whoever has it can call the API at
          your cost.
        </Banner>
        <div className={styles.secret}>
          <code>{secret}</code>
          <Button
            variant="primary"
            icon={feedback === 'copied' ? 'check' : 'copy'}
            onClick={copy}
            aria-live="polite"
          >
            {feedback === undefined ? 'Copy' : copyLabel(feedback, noun)}
          </Button>
        </div>
        {children}
        <Checkbox
          label={`I have saved the ${noun} where I will find it again.`}
          isChecked={isSaved}
          onChange={setSaved}
        />
        <DialogActions>
          <Button
            variant={isSaved ? 'primary' : 'secondary'}
            disabledReason={
              isSaved ? undefined : `Save the ${noun} first; it cannot be shown again.`
            }
            onClick={onDone}
          >
            Done
          </Button>
        </DialogActions>
      </div>
    </Dialog>
  )
}
