import { AlertDialog } from '@base-ui/react/alert-dialog'
import { type FormEvent, type ReactElement, type ReactNode, useState } from 'react'
import { Button } from './button.tsx'
import styles from './confirm-dialog.module.css'
import dialog from './dialog.module.css'
import { Field } from './field.tsx'
import { Icon } from './icon.tsx'
import { ProblemBanner } from './problem-banner.tsx'
import { useSubmission } from './submission.ts'
import { TextInput } from './text-input.tsx'

export interface ConfirmDialogProps {
  /** A question that names the act and the object: "Refund invoice FB-0042?" */
  readonly title: string
  /** What is concerned, as label and value: customer, key, card. */
  readonly object: readonly { readonly label: string; readonly value: ReactNode }[]
  /** Drawn large where money moves. */
  readonly amount?: string | undefined
  /** What will be true afterwards, one sentence each. */
  readonly consequences: readonly string[]
  /** The button: "Refund $29.00", never "OK". */
  readonly verb: string
  /** The way out; "Cancel" where that is not the act itself. */
  readonly dismissLabel?: string
  readonly tone?: 'danger' | 'primary'
  /** For what cannot be undone: the word the reader types first. */
  readonly typedWord?: string | undefined
  readonly onConfirm: (request: { readonly idempotencyKey: string }) => Promise<unknown>
  readonly trigger?: ReactElement
  readonly isOpen?: boolean
  readonly onOpenChange?: (isOpen: boolean) => void
}

/** The last question before money moves or something ends. It stays open with the reason when the act is refused. */
export function ConfirmDialog({ trigger, isOpen, onOpenChange, ...question }: ConfirmDialogProps) {
  const [isSelfOpen, setSelfOpen] = useState(false)
  const isShown = isOpen ?? isSelfOpen
  const show = (next: boolean) => {
    setSelfOpen(next)
    onOpenChange?.(next)
  }
  return (
    <AlertDialog.Root open={isShown} onOpenChange={show}>
      {trigger !== undefined && <AlertDialog.Trigger render={trigger} />}
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={dialog.backdrop} />
        <AlertDialog.Viewport className={dialog.viewport}>
          <AlertDialog.Popup className={dialog.popup}>
            <Question {...question} onDone={() => show(false)} />
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

type QuestionProps = Omit<ConfirmDialogProps, 'trigger' | 'isOpen' | 'onOpenChange'> & {
  readonly onDone: () => void
}

function Question(props: QuestionProps) {
  const { title, object, amount, consequences, verb, tone = 'danger', typedWord, onConfirm } = props
  const { submit, isPending, problem } = useSubmission()
  const [typed, setTyped] = useState('')
  const isConfirmed = typedWord === undefined || typed.trim() === typedWord

  function confirm(event: FormEvent) {
    event.preventDefault()
    if (!isConfirmed) return
    void submit((idempotencyKey) => onConfirm({ idempotencyKey })).then((hasSucceeded) => {
      if (hasSucceeded) props.onDone()
    })
  }

  return (
    <form onSubmit={confirm}>
      <header className={dialog.header}>
        <AlertDialog.Title className={dialog.title}>{title}</AlertDialog.Title>
      </header>
      <div className={`${dialog.body} ${styles.body}`}>
        {amount !== undefined && <p className={styles.amount}>{amount}</p>}
        <dl className={styles.object}>
          {object.map(({ label, value }) => (
            <div key={label} className={styles.line}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <AlertDialog.Description render={<ul className={styles.consequences} />}>
          {consequences.map((consequence) => (
            <li key={consequence}>
              <Icon name="arrow-right" size="sm" />
              {consequence}
            </li>
          ))}
        </AlertDialog.Description>
        {typedWord !== undefined && (
          <Field label={`Type ${typedWord} to confirm`}>
            <TextInput
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              autoComplete="off"
              spellCheck={false}
              isMono
            />
          </Field>
        )}
        {problem !== undefined && <ProblemBanner problem={problem} errors={problem.errors} />}
        <div className={dialog.actions}>
          <AlertDialog.Close render={<Button>{props.dismissLabel ?? 'Cancel'}</Button>} />
          <Button
            type="submit"
            variant={tone}
            isPending={isPending}
            disabledReason={isConfirmed ? undefined : `Type ${typedWord} first.`}
          >
            {verb}
          </Button>
        </div>
      </div>
    </form>
  )
}
