import { Form as BaseForm } from '@base-ui/react/form'
import {
  type ComponentProps,
  createContext,
  type FormEvent,
  type ReactNode,
  use,
  useState,
} from 'react'
import { Button } from './button.tsx'
import styles from './form.module.css'
import { assignErrors, type FieldProblem } from './problem.ts'
import { ProblemBanner } from './problem-banner.tsx'
import { useSubmission } from './submission.ts'

export interface FormRequest {
  readonly idempotencyKey: string
}

interface FormProps {
  /** Sends the values; rejects with a problem when the server refuses. */
  readonly onSubmit: (values: FormData, request: FormRequest) => Promise<unknown>
  readonly onSuccess?: () => void
  readonly children: ReactNode
}

const PendingContext = createContext(false)

/**
 * A native form. Its values are its controls' by name; a refusal's errors go to the fields of that name and the first
 * one gets the focus; what has no field is said above. Sending twice is impossible (see `useSubmission`).
 */
export function Form({ onSubmit, onSuccess, children }: FormProps) {
  const { submit, isPending, problem } = useSubmission()
  const [errors, setErrors] = useState<Record<string, string>>({})
  const [rest, setRest] = useState<readonly FieldProblem[]>([])

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    setErrors({})
    setRest([])
    const act = (idempotencyKey: string) => onSubmit(new FormData(form), { idempotencyKey })
    void submit(act, (refusal) => {
      const assigned = assignErrors(refusal, (name) => form.elements.namedItem(name) !== null)
      setErrors(assigned.fields)
      setRest(assigned.rest)
    }).then((hasSucceeded) => {
      if (hasSucceeded) onSuccess?.()
    })
  }

  const isSaidAtFields = Object.keys(errors).length > 0 && rest.length === 0
  return (
    <PendingContext value={isPending}>
      <BaseForm className={styles.form} errors={errors} onSubmit={send}>
        {problem !== undefined && !isSaidAtFields && (
          <div ref={scrollTo}>
            <ProblemBanner problem={problem} errors={rest} />
          </div>
        )}
        {children}
      </BaseForm>
    </PendingContext>
  )
}

/** The button may be far below; the message must be seen. */
function scrollTo(element: HTMLElement | null): void {
  element?.scrollIntoView({ block: 'nearest' })
}

/** Sends the form it stands in and shows that it is being sent. Its label is the verb: "Create key". */
export function SubmitButton(props: Omit<ComponentProps<typeof Button>, 'type' | 'isPending'>) {
  const isPending = use(PendingContext)
  return <Button variant="primary" {...props} type="submit" isPending={isPending} />
}

/** A text value without the blanks around it; empty when the control is missing or empty. */
export function textOf(values: FormData, name: string): string {
  const value = values.get(name)
  return typeof value === 'string' ? value.trim() : ''
}

/** Like `textOf`, but passwords keep their blanks. */
export function secretOf(values: FormData, name: string): string {
  const value = values.get(name)
  return typeof value === 'string' ? value : ''
}
