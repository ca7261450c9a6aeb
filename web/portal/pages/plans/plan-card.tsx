import { useId } from 'react'
import { Badge } from '../../../ui/badge.tsx'
import { Disclosure } from '../../../ui/disclosure.tsx'
import { Icon } from '../../../ui/icon.tsx'
import { ChoosePlan } from './choose-plan.tsx'
import { planAction, type Shopper } from './plan-action.ts'
import styles from './plan-card.module.css'
import { type OfferedPlan, planWords } from './present-plan.ts'

interface PlanCardProps {
  readonly plan: OfferedPlan
  readonly currency: string
  readonly shopper: Shopper
}

/** One plan of the price list: what it costs, the one thing to do about it, what belongs to it. */
export function PlanCard({ plan, currency, shopper }: PlanCardProps) {
  const titleId = useId()
  const { name, description, metadata } = plan.definition
  const words = planWords(plan, currency)
  const action = planAction(plan, shopper)
  const isPopular = metadata['popular'] === 'true' && action.kind !== 'current'
  const hasLabels = words.usage.length > 1
  return (
    <section
      className={styles.plan}
      aria-labelledby={titleId}
      data-popular={isPopular || undefined}
      data-current={action.kind === 'current' || undefined}
    >
      <header className={styles.top}>
        <h2 className={styles.name} id={titleId}>
          {name}
        </h2>
        {action.kind === 'current' && <Badge tone="success">Your plan</Badge>}
        {isPopular && <Badge tone="accent">Most popular</Badge>}
      </header>
      <p className={styles.description}>{description}</p>
      <p className={styles.price}>
        {metadata['isCustom'] === 'true' ? (
          <span className={styles.amount}>Custom</span>
        ) : (
          <>
            <span className={styles.amount}>{words.price.amount}</span>
            {words.price.per !== null && <span className={styles.per}> {words.price.per}</span>}
          </>
        )}
      </p>
      <ChoosePlan plan={plan} currency={currency} action={action} isPrimary={isPopular} />
      <ul className={styles.items} aria-label={`What ${name} has`}>
        {words.beginnings.map((text) => (
          <Item key={text}>{text}</Item>
        ))}
        {words.usage.map(({ label, text, details }) => (
          <Item key={label}>
            {hasLabels && <span className={styles.label}>{label}</span>}
            {sentenceCase(text)}
            {details.length > 0 && (
              <Disclosure label="Price list">
                <ul>
                  {details.map((line) => (
                    <li key={line}>{line}</li>
                  ))}
                </ul>
              </Disclosure>
            )}
          </Item>
        ))}
        {words.extras.map((text) => (
          <Item key={text}>{text}</Item>
        ))}
      </ul>
    </section>
  )
}

function Item({ children }: { readonly children: React.ReactNode }) {
  return (
    <li className={styles.item}>
      <Icon name="check" size="sm" />
      <div>{children}</div>
    </li>
  )
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
