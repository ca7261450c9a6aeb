import { useQueryClient } from '@tanstack/react-query'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { ExternalLink } from '../../../ui/link.tsx'
import { Time } from '../../../ui/time.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import { refreshMoney } from '../payments/refresh-money.ts'
import { pendingWords, type PendingChange } from './present-change.ts'

interface PendingChangeBannerProps {
  readonly subscriptionId: string
  readonly change: PendingChange
}

/** A change of plan that is under way, and how to take it back. */
export function PendingChangeBanner({ subscriptionId, change }: PendingChangeBannerProps) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('subscriptions.write')
  const { state, payment } = change
  const isMade = state === 'executing' ? 'It is being made and can no longer be undone.' : undefined
  return (
    <Banner
      tone={state === 'awaiting_payment' ? 'warning' : 'info'}
      title={pendingWords(change)}
      action={
        <ConfirmDialog
          title="Take the change back?"
          object={[{ label: 'Change', value: pendingWords(change) }]}
          consequences={[
            change.kind === 'terms'
              ? 'The subscription keeps the terms it has.'
              : 'The subscription stays on the plan it has.',
          ]}
          verb="Take back"
          tone="primary"
          trigger={
            <Button size="sm" disabledReason={refusal ?? isMade}>
              Take back
            </Button>
          }
          onConfirm={async ({ idempotencyKey }) => {
            await client.post('/api/v1/subscriptions/{subscriptionId}/change/undo', {
              params: { subscriptionId },
              idempotencyKey,
            })
            await refreshMoney(queryClient)
          }}
        />
      }
    >
      {payment !== null && (
        <>
          Until <Time at={payment.expiresAt} as="date-time" />.{' '}
          {payment.url !== null && <ExternalLink href={payment.url}>Payment page</ExternalLink>}
        </>
      )}
    </Banner>
  )
}
