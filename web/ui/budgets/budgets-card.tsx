import { Card } from '../card.tsx'
import { EmptyState } from '../empty-state.tsx'
import { ErrorState } from '../error-state.tsx'
import { Meter } from '../meter.tsx'
import { Skeleton } from '../skeleton.tsx'
import { Time } from '../time.tsx'
import { BudgetActions } from './budget-actions.tsx'
import type { BudgetActs } from './budget-acts.ts'
import styles from './budgets-card.module.css'
import { type Budget, type BudgetKey, type BudgetMeter, budgetWords } from './present-budget.ts'
import { SetBudget } from './set-budget.tsx'

interface BudgetsCardProps {
  readonly description: string
  /** Undefined while they are loaded. */
  readonly budgets: readonly Budget[] | undefined
  readonly error?: unknown
  readonly onRetry?: () => void
  readonly meters: readonly BudgetMeter[]
  readonly keys: readonly BudgetKey[]
  /** What the plan is paid in; without one there are no prices to count at. */
  readonly currency: string | null
  readonly acts: BudgetActs
  readonly disabledReason: string | undefined
}

/** The limits an account has set for itself: how full each is, when it starts anew, and what it does beyond. */
export function BudgetsCard(props: BudgetsCardProps) {
  const { description, budgets, error, meters, keys, currency, acts, disabledReason } = props
  const setBudget = (
    <SetBudget
      meters={meters}
      keys={keys}
      currency={currency}
      onSet={acts.set}
      disabledReason={disabledReason}
    />
  )
  if (error !== undefined && error !== null) {
    return (
      <Card title="Budgets">
        <ErrorState error={error} onRetry={props.onRetry} />
      </Card>
    )
  }
  if (budgets === undefined) {
    return (
      <Card title="Budgets" description={description}>
        <Skeleton height="3rem" />
      </Card>
    )
  }
  if (budgets.length === 0) {
    return (
      <Card title="Budgets" description={description}>
        <EmptyState
          icon="gauge"
          title="No budgets"
          description="A budget refuses calls beyond an amount, or only tells when it is near."
          action={setBudget}
        />
      </Card>
    )
  }
  return (
    <Card title="Budgets" description={description} actions={setBudget}>
      <ul className={styles.list}>
        {budgets.map((budget) => {
          const words = budgetWords(budget, meters, keys)
          return (
            <li key={budget.id} className={styles.budget}>
              <Meter
                label={budget.name}
                used={budget.used}
                limit={budget.amount}
                unit={words.unit}
                format={words.amount}
                onLimit={budget.isHard ? 'block' : 'tell'}
                note={
                  <>
                    Starts anew <Time at={budget.resetsAt} as="date-time" />
                  </>
                }
              />
              <BudgetActions
                budget={budget}
                words={words}
                acts={acts}
                disabledReason={disabledReason}
              />
              <span className={styles.terms}>{words.terms.join(' · ')}</span>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
