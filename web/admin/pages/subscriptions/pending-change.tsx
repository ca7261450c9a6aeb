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
import type { Subscription } from './present-subscription.ts'

interface PendingChangeBannerProps {
  readonly subscription: Subscription
  readonly change: PendingChange
}

const STAYING: Record<PendingChange['kind'], string> = {
  plan: 'The subscription stays on the plan it has.',
  add_ons: 'The subscription keeps the add-ons it has.',
  terms: 'The subscription keeps the terms it has.',
}

/** A change that is under way, and how to take it back. */
export function PendingChangeBanner({ subscription, change }: PendingChangeBannerProps) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('subscriptions.write')
  const { state, payment } = change
  const words = pendingWords(change, subscription.addOns)
  const isMade = state === 'executing' ? 'It is being made and can no longer be undone.' : undefined
  return (
    <Banner
      tone={state === 'awaiting_payment' ? 'warning' : 'info'}
      title={words}
      action={
        <ConfirmDialog
          title="Take the change back?"
          object={[{ label: 'Change', value: words }]}
          consequences={[STAYING[change.kind]]}
          verb="Take back"
          tone="primary"
          trigger={
            <Button size="sm" disabledReason={refusal ?? isMade}>
              Take back
            </Button>
          }
          onConfirm={async ({ idempotencyKey }) => {
            await client.post('/api/v1/subscriptions/{subscriptionId}/change/undo', {
              params: { subscriptionId: subscription.id },
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
