import { Button } from './button.tsx'
import { CopyText } from './copy-text.tsx'
import empty from './empty-state.module.css'
import styles from './error-state.module.css'
import { Icon } from './icon.tsx'
import { toProblem } from './problem.ts'
import { useRemedy } from './remedies.tsx'

interface ErrorStateProps {
  readonly error: unknown
  /** Absent where trying again cannot help. */
  readonly onRetry?: (() => void) | undefined
}

/** In the place of what could not be loaded: what happened, what to do, and the id support will ask for. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  const problem = toProblem(error)
  const remedy = useRemedy(problem.code)
  return (
    <div className={empty.empty} role="alert">
      <span className={`${empty.icon} ${styles.icon}`}>
        <Icon name="alert" size="lg" />
      </span>
      <div className={empty.text}>
        <p className={empty.title}>{problem.title}</p>
        <p className={empty.description}>{problem.detail}</p>
      </div>
      {remedy}
      {onRetry !== undefined && (
        <Button icon="refresh" onClick={onRetry}>
          Try again
        </Button>
      )}
      {problem.requestId !== null && (
        <p className={styles.request}>
          Request <CopyText text={problem.requestId} label="request id" />
        </p>
      )}
    </div>
  )
}
