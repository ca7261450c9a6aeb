import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Form, SubmitButton } from '../../../ui/form.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { toProblem } from '../../../ui/problem.ts'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { EditChoice } from '../../edit-fields.tsx'
import { type ChangeTiming, changePreviewQuery, plansQuery } from '../../queries.ts'
import { refreshMoney } from '../payments/refresh-money.ts'
import { ChangePreviewView } from './change-preview.tsx'
import { resultWords, TIMINGS, verbOf } from './present-change.ts'
import type { Subscription } from './present-subscription.ts'

interface ChangePlanProps {
  readonly subscription: Subscription
  readonly customerName: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function ChangePlan({ subscription, customerName, isOpen, onClose }: ChangePlanProps) {
  return (
    <Dialog
      size="lg"
      title={`Change the plan of ${customerName}`}
      description="What is previewed is what is done, to the cent, or nothing."
      isOpen={isOpen}
      onOpenChange={onClose}
    >
      <ChangeForm subscription={subscription} onDone={onClose} />
    </Dialog>
  )
}

interface ChangeFormProps {
  readonly subscription: Subscription
  readonly onDone: () => void
}

function ChangeForm({ subscription, onDone }: ChangeFormProps) {
  const queryClient = useQueryClient()
  const { data: plans } = useQuery(plansQuery)
  const [chosen, setChosen] = useState<string>()
  const [timing, setTiming] = useState<ChangeTiming>('auto')
  const onSale = (plans?.data ?? []).flatMap(({ key, active }) =>
    active === null ||
    active.definition.addOn !== null ||
    (key === subscription.planKey && active.version === subscription.planVersion)
      ? []
      : [{ value: key, label: `${active.definition.name}, version ${active.version}` }],
  )
  const planKey = chosen ?? onSale[0]?.value
  const { data, error, isFetching } = useQuery({
    ...changePreviewQuery(subscription.id, { planKey: planKey ?? '', timing }),
    enabled: planKey !== undefined,
  })
  const preview = error === null ? data : undefined
  if (plans !== undefined && onSale.length === 0) return <p>There is no other plan on sale.</p>
  return (
    <Form
      onSuccess={onDone}
      onSubmit={async (_, { idempotencyKey }) => {
        const result = await client.post('/api/v1/subscriptions/{subscriptionId}/change', {
          params: { subscriptionId: subscription.id },
          body: { quoteId: preview?.quoteId ?? '' },
          idempotencyKey,
        })
        await refreshMoney(queryClient)
        announce(resultWords(result))
      }}
    >
      <Grid gap={4} minWidth="13rem">
        <EditChoice
          name="planKey"
          label="To"
          options={onSale}
          value={planKey ?? ''}
          onChange={setChosen}
        />
        <EditChoice
          name="timing"
          label="When"
          options={TIMINGS}
          value={timing}
          onChange={setTiming}
        />
      </Grid>
      {error !== null && <ProblemBanner problem={toProblem(error)} />}
      {error === null && preview === undefined && <Skeleton lines={6} height="1rem" />}
      {preview !== undefined && <ChangePreviewView preview={preview} />}
      <DialogActions>
        <DialogCancel />
        <SubmitButton
          disabledReason={
            preview === undefined || isFetching ? 'Wait for the preview first.' : undefined
          }
        >
          {preview === undefined ? 'Change plan' : verbOf(preview)}
        </SubmitButton>
      </DialogActions>
    </Form>
  )
}
