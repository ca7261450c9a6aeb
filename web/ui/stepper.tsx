import type { ReactNode } from 'react'
import { Icon } from './icon.tsx'
import { Spinner } from './spinner.tsx'
import styles from './stepper.module.css'
import { VisuallyHidden } from './visually-hidden.tsx'

interface Step {
  readonly label: string
  readonly detail?: ReactNode
  readonly state: 'done' | 'running' | 'waiting' | 'failed'
}

const WORDS: Record<Step['state'], string> = {
  done: 'done',
  running: 'in progress',
  waiting: 'not started',
  failed: 'failed',
}

interface StepperProps {
  readonly label: string
  readonly steps: readonly Step[]
}

/** Where a process of several steps stands; changes are announced. */
export function Stepper({ label, steps }: StepperProps) {
  return (
    <ol className={styles.steps} aria-label={label} aria-live="polite">
      {steps.map((step) => (
        <li
          key={step.label}
          className={styles.step}
          data-state={step.state}
          aria-current={step.state === 'running' ? 'step' : undefined}
        >
          <span className={styles.mark}>
            {step.state === 'done' && <Icon name="check" size="sm" />}
            {step.state === 'failed' && <Icon name="x" size="sm" />}
            {step.state === 'running' && <Spinner />}
          </span>
          <div>
            <p className={styles.label}>
              {step.label}
              <VisuallyHidden>: {WORDS[step.state]}</VisuallyHidden>
            </p>
            {step.detail !== undefined && <div className={styles.detail}>{step.detail}</div>}
          </div>
        </li>
      ))}
    </ol>
  )
}
