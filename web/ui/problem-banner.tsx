import { Banner } from './banner.tsx'
import { CopyText } from './copy-text.tsx'
import type { FieldProblem, Problem } from './problem.ts'
import styles from './problem-banner.module.css'
import { useRemedy } from './remedies.tsx'

interface ProblemBannerProps {
  readonly problem: Problem
  /** What concerns values that have no field here. */
  readonly errors?: readonly FieldProblem[]
}

const NO_ERRORS: readonly FieldProblem[] = []

/** Why an act failed, where it was asked for. A refusal explains itself; a failure of ours comes with its request id. */
export function ProblemBanner({ problem, errors = NO_ERRORS }: ProblemBannerProps) {
  const remedy = useRemedy(problem.code)
  return (
    <Banner tone="danger" title={problem.title} action={remedy}>
      {errors.length === 0 ? (
        <p>{problem.detail}</p>
      ) : (
        <ul className={styles.errors}>
          {errors.map(({ path, message }) => (
            <li key={`${path}${message}`}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {problem.status >= 500 && problem.requestId !== null && (
        <p className={styles.request}>
          Request <CopyText text={problem.requestId} label="request id" />
        </p>
      )}
    </Banner>
  )
}
