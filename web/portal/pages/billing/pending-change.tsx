import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { formatAmount } from '../../../ui/format.ts'
import { ExternalLink } from '../../../ui/link.tsx'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { useSubmission } from '../../../ui/submission.ts'
import { client } from '../../api.ts'
import { useBillingRefresh } from './billing-refresh.ts'
import { pendingWords } from './present-pending.ts'
import type { Subscription } from './present-subscription.ts'
import { useWhyNotPayer } from './why-not-payer.ts'

interface PendingChangeProps {
  readonly subscription: Subscription
  readonly change: NonNullable<Subscription['change']>
}

/** A change that is under way: when it comes or what it waits for, and the way back. */
export function PendingChange({ subscription, change }: PendingChangeProps) {
  const { state, payment } = change
  const words = pendingWords(subscription, change)
  // What was agreed with the operator is not taken back here.
  const undo = change.kind === 'terms' ? null : <UndoChange label={words.undo} />
  switch (state) {
    case 'executing':
      return (
        <Banner tone="info" title={words.title}>
          This takes a moment; you can leave this page.
        </Banner>
      )
    case 'scheduled':
      return (
        <Banner tone="info" title={words.title} {...(undo !== null && { action: undo })}>
          {words.body}
        </Banner>
      )
    case 'awaiting_payment':
      return (
        <Banner
          tone="warning"
          title={words.title}
          action={
            <Stack direction="row" gap={3} canWrap>
              {payment !== null && payment.url !== null && (
                <ExternalLink href={payment.url}>
                  Pay {formatAmount(payment.amountDue)}
                </ExternalLink>
              )}
              {undo}
            </Stack>
          }
        >
          {words.body}
        </Banner>
      )
  }
}

function UndoChange({ label }: { readonly label: string }) {
  const refresh = useBillingRefresh()
  const disabledReason = useWhyNotPayer()
  const { submit, isPending, problem } = useSubmission()
  return (
    <Stack gap={3}>
      <Button
        size="sm"
        isPending={isPending}
        disabledReason={disabledReason}
        onClick={() =>
          void submit(async (idempotencyKey) => {
            await client.post('/api/v1/portal/subscription/change/undo', { idempotencyKey })
            await refresh()
          })
        }
      >
        {label}
      </Button>
      {problem !== undefined && <ProblemBanner problem={problem} />}
    </Stack>
  )
}
