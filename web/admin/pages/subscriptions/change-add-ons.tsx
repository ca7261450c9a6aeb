import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ResponseOf } from '../../../../src/client/client.ts'
import { DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Form, SubmitButton } from '../../../ui/form.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { addOnSteps } from '../../../ui/pricing/add-on-words.ts'
import { toProblem } from '../../../ui/problem.ts'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { EditChoice, EditWhole } from '../../edit-fields.tsx'
import { type ChangeTiming, changePreviewQuery } from '../../queries.ts'
import { refreshMoney } from '../payments/refresh-money.ts'
import { ChangePreviewView } from './change-preview.tsx'
import { resultWords, TIMINGS, verbOf } from './present-change.ts'
import type { Subscription } from './present-subscription.ts'

type OfferedAddOn = ResponseOf<
  'get',
  '/api/v1/subscriptions/{subscriptionId}/add-ons'
>['data'][number]

interface ChangeAddOnsProps {
  readonly subscription: Subscription
  readonly offered: readonly OfferedAddOn[]
  readonly onDone: () => void
}

/** How often each is to be there, and what that does and costs. */
export function ChangeAddOns({ subscription, offered, onDone }: ChangeAddOnsProps) {
  const queryClient = useQueryClient()
  const [wanted, setWanted] = useState(
    () => new Map(offered.map((each) => [each.key, each.quantity])),
  )
  const [timing, setTiming] = useState<ChangeTiming>('auto')
  const rows = offered.map(({ key, definition }) => ({
    key,
    name: definition.name,
    quantity: wanted.get(key) ?? 0,
  }))
  const isWhole = rows.every(({ quantity }) => Number.isInteger(quantity))
  const isOther = isWhole && addOnSteps(subscription.addOns, rows).length > 0
  const addOns = rows
    .filter(({ quantity }) => quantity > 0)
    .map(({ key, quantity }) => ({ key, quantity }))
  const { data, error, isFetching } = useQuery({
    ...changePreviewQuery(subscription.id, { planKey: null, addOns, timing }),
    enabled: isOther,
  })
  const preview = isOther && error === null ? data : undefined
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
        announce(resultWords(result, 'add_ons'))
      }}
    >
      <Grid gap={4} minWidth="13rem">
        {offered.map(({ key, definition: { name, addOn } }) => (
          <EditWhole
            key={key}
            name={key}
            label={name}
            max={addOn?.maximumQuantity ?? undefined}
            value={wanted.get(key) ?? 0}
            onChange={(quantity) => setWanted(new Map(wanted).set(key, quantity))}
          />
        ))}
        <EditChoice
          name="timing"
          label="When"
          options={TIMINGS}
          value={timing}
          onChange={setTiming}
        />
      </Grid>
      {isOther && error !== null && <ProblemBanner problem={toProblem(error)} />}
      {isOther && error === null && preview === undefined && <Skeleton lines={6} height="1rem" />}
      {preview !== undefined && <ChangePreviewView preview={preview} />}
      <DialogActions>
        <DialogCancel />
        <SubmitButton disabledReason={whyNot(isOther, preview === undefined || isFetching)}>
          {preview === undefined ? 'Change add-ons' : verbOf(preview)}
        </SubmitButton>
      </DialogActions>
    </Form>
  )
}

function whyNot(isOther: boolean, isWaiting: boolean): string | undefined {
  if (!isOther) return 'Enter how many of them there are to be.'
  return isWaiting ? 'Wait for the preview first.' : undefined
}
