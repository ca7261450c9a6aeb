import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { client } from '../../api.ts'
import { useBillingRefresh } from './billing-refresh.ts'
import type { Subscription } from './present-subscription.ts'
import { useWhyNotPayer } from './why-not-payer.ts'

/** Pauses what runs, or takes up what is paused; both move money, so both say how first. */
export function PauseSubscription({ subscription }: { readonly subscription: Subscription }) {
  const refresh = useBillingRefresh()
  const disabledReason = useWhyNotPayer()
  const [isOpen, setIsOpen] = useState(false)
  const isPaused = subscription.lifecycle === 'paused'
  const verb = isPaused ? 'Resume' : 'Pause'
  return (
    <>
      <Button
        variant={isPaused ? 'primary' : 'secondary'}
        disabledReason={disabledReason}
        onClick={() => setIsOpen(true)}
      >
        {verb}
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setIsOpen}
        title={`${verb} your subscription?`}
        object={[{ label: 'Plan', value: subscription.planName }]}
        consequences={
          isPaused
            ? [
                'The rest of the current period is charged now, less your balance.',
                'Calls work again as soon as it is paid.',
              ]
            : [
                'Calls are refused until you resume.',
                'Nothing is charged meanwhile; the time you have paid for goes to your balance.',
              ]
        }
        verb={`${verb} subscription`}
        tone="primary"
        onConfirm={async ({ idempotencyKey }) => {
          if (isPaused) {
            await client.post('/api/v1/portal/subscription/resume', { idempotencyKey })
          } else {
            await client.post('/api/v1/portal/subscription/pause', { body: {}, idempotencyKey })
          }
          await refresh()
        }}
      />
    </>
  )
}
