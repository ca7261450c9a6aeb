import type { ReactNode } from 'react'
import { Card } from '../../../ui/card.tsx'
import { Icon } from '../../../ui/icon.tsx'
import { DocumentLink, ExternalLink, Link } from '../../../ui/link.tsx'
import { VisuallyHidden } from '../../../ui/visually-hidden.tsx'
import { basePathOf } from '../../mode.ts'
import { paths } from '../../paths.ts'
import { type NextStep, nextSteps } from './next-steps.ts'
import styles from './page.module.css'

interface NextStepsProps {
  readonly situation: Parameters<typeof nextSteps>[0]
}

const LINKS: Record<NextStep['key'], ReactNode> = {
  plans: <Link to={paths.plans}>See plans</Link>,
  customer: <ExternalLink href="/portal/sign-up">Open the portal</ExternalLink>,
  subscription: <ExternalLink href="/portal/">Choose a plan</ExternalLink>,
  time: (
    <Link to={paths.home} search={{ act: 'advance' }}>
      Advance time
    </Link>
  ),
  live: (
    <DocumentLink href={`${basePathOf('live')}${paths.stripe}?act=connect`}>
      Set up live mode
    </DocumentLink>
  ),
}

/** From a fresh installation to the first paid call. */
export function NextSteps({ situation }: NextStepsProps) {
  return (
    <Card title="Next steps" description="From here to the first paid call in about five minutes.">
      <ol className={styles.steps}>
        {nextSteps(situation).map(({ key, title, detail, isDone }, index) => (
          <li key={key} className={styles.step} data-done={isDone || undefined}>
            <span className={styles.mark}>
              {isDone ? <Icon name="check" size="sm" /> : index + 1}
            </span>
            <span className={styles.stepTitle}>
              {title}
              {isDone && <VisuallyHidden>, done</VisuallyHidden>}
            </span>
            <p className={styles.stepDetail}>{detail}</p>
            {!isDone && <span className={styles.stepLink}>{LINKS[key]}</span>}
          </li>
        ))}
      </ol>
    </Card>
  )
}
