import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Form, SubmitButton } from '../../../ui/form.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { EditChoice, EditText } from '../../edit-fields.tsx'
import { featuresQuery, overridesQuery, planVersionsQuery } from '../../queries.ts'
import { refreshMoney } from '../payments/refresh-money.ts'
import type { PlanVersion } from '../plans/present-plan.ts'
import { AgreedFields } from './agreed-fields.tsx'
import { ChangePreviewView } from './change-preview.tsx'
import type { ChangePreview } from './present-change.ts'
import { type Overrides, overridesOf, rowsOf } from './present-overrides.ts'
import type { Subscription } from './present-subscription.ts'

interface AgreeTermsProps {
  readonly subscription: Subscription
  readonly customerName: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Prices, quotas, rate limits and features for one customer, in place of what the plan says. */
export function AgreeTerms({ subscription, customerName, isOpen, onClose }: AgreeTermsProps) {
  return (
    <Dialog
      size="lg"
      title={`Terms for ${customerName} alone`}
      description={`They take the place of what ${subscription.planName} says, for this subscription only. Another plan ends them; a newer version of this one keeps them.`}
      isOpen={isOpen}
      onOpenChange={onClose}
    >
      <Terms subscription={subscription} onDone={onClose} />
    </Dialog>
  )
}

interface TermsProps {
  readonly subscription: Subscription
  readonly onDone: () => void
}

function Terms({ subscription, onDone }: TermsProps) {
  const { planKey, planVersion } = subscription
  const { data: current } = useQuery(overridesQuery(subscription.id))
  const { data: versions } = useQuery(planVersionsQuery(planKey))
  const { data: features } = useQuery(featuresQuery)
  const version = versions?.data.find((candidate) => candidate.version === planVersion)
  if (current === undefined || version === undefined || features === undefined) {
    return <Skeleton lines={8} height="1rem" />
  }
  return (
    <TermsForm
      subscription={subscription}
      version={version}
      features={features.data}
      current={current.overrides}
      onDone={onDone}
    />
  )
}

const TIMINGS = [
  { value: 'immediate', label: 'Now', description: 'What was paid ahead is settled to the second' },
  { value: 'at_period_end', label: 'With the next billing period' },
] as const

interface TermsFormProps extends TermsProps {
  readonly version: PlanVersion
  readonly features: readonly { readonly key: string; readonly name: string }[]
  readonly current: Overrides | null
}

/** First what is wanted, then what it does: nothing is agreed that was not seen. */
function TermsForm({ subscription, version, features, current, onDone }: TermsFormProps) {
  const queryClient = useQueryClient()
  const [rows, setRows] = useState(() => rowsOf(current))
  const [timing, setTiming] = useState<'immediate' | 'at_period_end'>('immediate')
  const [preview, setPreview] = useState<ChangePreview>()
  const params = { subscriptionId: subscription.id }
  if (preview !== undefined) {
    return (
      <Form
        onSuccess={onDone}
        onSubmit={async (_, { idempotencyKey }) => {
          const { kind } = await client.post('/api/v1/subscriptions/{subscriptionId}/overrides', {
            params,
            body: { quoteId: preview.quoteId },
            idempotencyKey,
          })
          await refreshMoney(queryClient)
          announce({
            title: kind === 'scheduled' ? 'The terms are scheduled' : 'The terms are agreed',
          })
        }}
      >
        <ChangePreviewView preview={preview} />
        <DialogActions>
          <Button onClick={() => setPreview(undefined)}>Back</Button>
          <SubmitButton>
            {timing === 'immediate' ? 'Agree now' : 'Agree from the next period on'}
          </SubmitButton>
        </DialogActions>
      </Form>
    )
  }
  return (
    <Form
      onSubmit={async () => {
        const body = { overrides: overridesOf(rows, subscription.currency), timing }
        setPreview(
          await client.post('/api/v1/subscriptions/{subscriptionId}/overrides/preview', {
            params,
            body,
          }),
        )
      }}
    >
      <AgreedFields
        version={version}
        currency={subscription.currency}
        features={features}
        rows={rows}
        onChange={(patch) => setRows({ ...rows, ...patch })}
      />
      <Grid gap={4} minWidth="13rem">
        <EditChoice
          name="timing"
          label="From"
          options={TIMINGS}
          value={timing}
          onChange={setTiming}
        />
        <EditText
          name="overrides.until"
          label="Until"
          type="date"
          hint="They end with the billing period this day lies in."
          value={rows.until}
          onChange={(value) => setRows({ ...rows, until: value })}
        />
      </Grid>
      <EditText
        required
        name="overrides.reason"
        label="Reason"
        hint="For operators and the audit log; the customer does not see it."
        maxLength={500}
        value={rows.reason}
        onChange={(reason) => setRows({ ...rows, reason })}
      />
      <DialogActions>
        <DialogCancel />
        <SubmitButton>Preview</SubmitButton>
      </DialogActions>
    </Form>
  )
}
