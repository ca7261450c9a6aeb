import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { formatDate } from '../../../ui/format.ts'
import { IconButton } from '../../../ui/icon-button.tsx'
import { Menu } from '../../../ui/menu.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import { AgreeTerms } from './agree-terms.tsx'
import { ChangePlan } from './change-plan.tsx'
import { OverrideAccess } from './override-access.tsx'
import { PauseSubscription } from './pause-subscription.tsx'
import { refusalToAgree, refusalToChange } from './present-change.ts'
import { refusalToCancel, refusalToResume, type Subscription } from './present-subscription.ts'

interface SubscriptionActionsProps {
  readonly subscription: Subscription
  readonly customerName: string
}

type Act = 'change' | 'terms' | 'access' | 'period_end' | 'now' | 'pause' | 'resume'

export function SubscriptionActions({ subscription, customerName }: SubscriptionActionsProps) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('subscriptions.write')
  const [act, setAct] = useState<Act>()
  const close = () => setAct(undefined)
  const toCancel = refusal ?? refusalToCancel(subscription)
  const toResume = refusal ?? refusalToResume(subscription)
  const isPaused = subscription.lifecycle === 'paused'
  const isCanceling = subscription.lifecycle === 'canceling'
  const params = { subscriptionId: subscription.id }
  const end = subscription.currentPeriod?.endsAt
  const object = [
    { label: 'Customer', value: customerName },
    { label: 'Plan', value: `${subscription.planName}, version ${subscription.planVersion}` },
  ]
  const refresh = () =>
    Promise.all(
      ['subscriptions', 'customers', 'invoices', 'audit', 'summary'].map((key) =>
        queryClient.invalidateQueries({ queryKey: [key] }),
      ),
    )
  const cancel = (timing: 'period_end' | 'now') => async (request: { idempotencyKey: string }) => {
    await client.post('/api/v1/subscriptions/{subscriptionId}/cancel', {
      params,
      body: { timing },
      ...request,
    })
    await refresh()
  }
  return (
    <>
      {(isCanceling || isPaused) && (
        <Button icon="refresh" disabledReason={toResume} onClick={() => setAct('resume')}>
          Resume
        </Button>
      )}
      <Menu
        trigger={
          <IconButton icon="dots" label="Actions for this subscription" variant="secondary" />
        }
        sections={[
          {
            items: [
              {
                label: 'Change plan',
                icon: 'tag',
                hint: 'With a preview first',
                disabledReason: refusal ?? refusalToChange(subscription),
                onSelect: () => setAct('change'),
              },
              {
                label: 'Agree terms',
                icon: 'edit',
                hint: 'Prices and limits for them alone',
                disabledReason: refusal ?? refusalToAgree(subscription),
                onSelect: () => setAct('terms'),
              },
              {
                label: 'Override access',
                icon: 'key',
                hint: 'In or out, whatever is paid',
                disabledReason: refusal,
                onSelect: () => setAct('access'),
              },
            ],
          },
          {
            items: [
              {
                label: 'Cancel at the period’s end',
                icon: 'calendar',
                hint: 'They keep what is paid for',
                disabledReason:
                  toCancel ?? (isCanceling ? 'It is being canceled already' : undefined),
                onSelect: () => setAct('period_end'),
              },
              {
                label: 'Pause',
                icon: 'clock',
                hint: 'No access, no charge',
                disabledReason:
                  refusal ??
                  (subscription.lifecycle === 'active' ? undefined : 'Only what is active can be'),
                onSelect: () => setAct('pause'),
              },
              {
                label: 'Resume',
                icon: 'refresh',
                hint: isPaused ? 'End the pause' : 'Take the cancellation back',
                disabledReason: toResume,
                onSelect: () => setAct('resume'),
              },
            ],
          },
          {
            items: [
              {
                label: 'Cancel now',
                icon: 'ban',
                hint: 'Access ends at once',
                tone: 'danger',
                disabledReason: toCancel,
                onSelect: () => setAct('now'),
              },
            ],
          },
        ]}
      />
      <ChangePlan
        subscription={subscription}
        customerName={customerName}
        isOpen={act === 'change'}
        onClose={close}
      />
      <AgreeTerms
        subscription={subscription}
        customerName={customerName}
        isOpen={act === 'terms'}
        onClose={close}
      />
      <ConfirmDialog
        isOpen={act === 'period_end'}
        onOpenChange={close}
        title="Cancel at the end of the period?"
        object={object}
        consequences={[
          end === undefined
            ? 'It ends with what is paid for.'
            : `They keep access until ${formatDate(end)}.`,
          'Usage until then is billed as usual.',
          'You can take it back until that day.',
        ]}
        verb="Cancel at the period’s end"
        onConfirm={cancel('period_end')}
      />
      <PauseSubscription
        subscription={subscription}
        customerName={customerName}
        isOpen={act === 'pause'}
        onClose={close}
        onDone={refresh}
      />
      <OverrideAccess
        subscription={subscription}
        customerName={customerName}
        isOpen={act === 'access'}
        onClose={close}
        onDone={refresh}
      />
      <ConfirmDialog
        isOpen={act === 'now'}
        onOpenChange={close}
        title="Cancel this subscription now?"
        object={object}
        consequences={[
          'Calls with their keys are refused at once.',
          'Usage so far goes on a final invoice.',
          'Nothing is refunded by this; it cannot be resumed.',
        ]}
        verb="Cancel now"
        typedWord="cancel"
        onConfirm={cancel('now')}
      />
      <ConfirmDialog
        isOpen={act === 'resume'}
        onOpenChange={close}
        title="Resume this subscription?"
        object={object}
        consequences={
          isPaused
            ? [
                'The rest of the current period is charged now.',
                'Calls work again once it is paid.',
              ]
            : ['The cancellation is taken back.', 'It renews and is billed as before.']
        }
        verb="Resume subscription"
        tone="primary"
        onConfirm={async ({ idempotencyKey }) => {
          await client.post('/api/v1/subscriptions/{subscriptionId}/resume', {
            params,
            idempotencyKey,
          })
          await refresh()
        }}
      />
    </>
  )
}
