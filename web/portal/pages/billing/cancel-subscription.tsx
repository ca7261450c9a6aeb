import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { formatDate } from '../../../ui/format.ts'
import { client } from '../../api.ts'
import { useBillingRefresh } from './billing-refresh.ts'
import { useWhyNotPayer } from './why-not-payer.ts'
import type { Subscription } from './present-subscription.ts'

/** Ends the subscription with what is paid for. Says until when everything works, and that it can be taken back. */
export function CancelSubscription({ subscription }: { readonly subscription: Subscription }) {
  const refresh = useBillingRefresh()
  const disabledReason = useWhyNotPayer()
  const end = subscription.trialEndsAt ?? subscription.currentPeriod?.endsAt
  const until = end === undefined ? 'the end of what is paid for' : formatDate(end)
  return (
    <ConfirmDialog
      title={`Cancel ${subscription.planName}?`}
      object={[
        { label: 'Plan', value: subscription.planName },
        { label: 'Works until', value: until },
      ]}
      consequences={[
        `Your keys and your quota work as before until ${until}.`,
        'It does not renew. Usage until then that is not included is billed at the end.',
        'Until then you can take the cancellation back.',
      ]}
      verb="Cancel plan"
      dismissLabel="Keep plan"
      trigger={<Button disabledReason={disabledReason}>Cancel plan</Button>}
      onConfirm={async ({ idempotencyKey }) => {
        await client.post('/api/v1/portal/subscription/cancel', { idempotencyKey })
        await refresh()
      }}
    />
  )
}
