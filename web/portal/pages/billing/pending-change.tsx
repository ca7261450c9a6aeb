import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { formatAmount, formatDate, formatDateTime } from '../../../ui/format.ts'
import { ExternalLink } from '../../../ui/link.tsx'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { useSubmission } from '../../../ui/submission.ts'
import { client } from '../../api.ts'
import { useBillingRefresh } from './billing-refresh.ts'
import type { Subscription } from './present-subscription.ts'
import { useWhyNotPayer } from './why-not-payer.ts'

interface PendingChangeProps {
  readonly planName: string
  readonly change: NonNullable<Subscription['change']>
}

/** A change of plan that is under way: when it comes or what it waits for, and the way back. */
export function PendingChange({ planName, change }: PendingChangeProps) {
  const { state, effectiveAt, payment } = change
  switch (state) {
    case 'executing':
      return (
        <Banner tone="info" title={`The change to ${change.planName} is being carried out`}>
          This takes a moment; you can leave this page.
        </Banner>
      )
    case 'scheduled':
      // What was agreed with the operator is not taken back here.
      if (change.kind === 'terms') {
        return (
          <Banner tone="info" title={`Your terms change on ${formatDate(effectiveAt)}`}>
            You stay on {planName}; the next invoice below shows what it will cost.
          </Banner>
        )
      }
      return (
        <Banner
          tone="info"
          title={`${change.planName} begins on ${formatDate(effectiveAt)}`}
          action={<UndoChange label={`Stay on ${planName}`} />}
        >
          Until then everything stays as it is.
        </Banner>
      )
    case 'awaiting_payment':
      return (
        <Banner
          tone="warning"
          title={`The change to ${change.planName} waits for its payment`}
          action={
            <Stack direction="row" gap={3} canWrap>
              {payment !== null && payment.url !== null && (
                <ExternalLink href={payment.url}>
                  Pay {formatAmount(payment.amountDue)}
                </ExternalLink>
              )}
              <UndoChange label={`Stay on ${planName}`} />
            </Stack>
          }
        >
          {payment !== null &&
            `You keep ${planName} until it is paid. Unpaid, the change is dropped on ${formatDateTime(payment.expiresAt)}.`}
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
