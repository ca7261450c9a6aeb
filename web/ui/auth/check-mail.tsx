import type { ReactNode } from 'react'
import { Button } from '../button.tsx'
import { EmptyState } from '../empty-state.tsx'
import { ExternalLink } from '../link.tsx'
import { ProblemBanner } from '../problem-banner.tsx'
import { useSubmission } from '../submission.ts'
import { AuthFrame } from './auth-frame.tsx'
import styles from './check-mail.module.css'
import type { AuthBrand } from './sign-in.tsx'

interface CheckMailProps {
  readonly brand: AuthBrand
  readonly email: string
  /** What the mail lets them do: "sign in", "confirm your address", "choose a new password". */
  readonly purpose: string
  readonly onResend: () => Promise<unknown>
  /** Where mail goes while none is set up. */
  readonly mailboxUrl?: string
  readonly footer?: ReactNode
}

/** After every request for a mail, the same words: whether there is such an account is nobody's business. */
export function CheckMail({ brand, email, purpose, onResend, mailboxUrl, footer }: CheckMailProps) {
  const { submit, isPending, problem } = useSubmission()
  return (
    <AuthFrame {...brand} title="Check your mail" footer={footer}>
      <div className={styles.content}>
        <EmptyState
          icon="mail"
          title={email}
          description={`If there is an account for this address, a link to ${purpose} is on its way. It works once and for 15 minutes.`}
        />
        {problem !== undefined && <ProblemBanner problem={problem} />}
        <Button
          isFullWidth
          icon="refresh"
          isPending={isPending}
          onClick={() => void submit(() => onResend())}
        >
          Send it again
        </Button>
        {mailboxUrl !== undefined && (
          <p className={styles.mailbox}>
            No mail server is set up, so nothing leaves this machine.{' '}
            <ExternalLink href={mailboxUrl}>Open the mailbox</ExternalLink>
          </p>
        )}
      </div>
    </AuthFrame>
  )
}
