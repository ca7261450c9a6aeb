import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { Select } from '../../../ui/select.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { parseAmounts } from './present-coupon.ts'

interface CreateCouponProps {
  readonly planKeys: readonly string[]
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}

const OFF = [
  { value: 'percentage', label: 'A percentage', description: 'Of each fee and all usage' },
  { value: 'amount', label: 'An amount', description: 'Off the whole invoice' },
] as const

const DURATIONS = [
  { value: 'once', label: 'One invoice', description: 'The first with something to pay' },
  { value: 'repeating', label: 'Some months', description: 'Every invoice made within them' },
  { value: 'forever', label: 'For good', description: 'Every invoice' },
] as const

const EVERY_PLAN = 'every plan'

export function CreateCoupon({ planKeys, isOpen, onOpenChange }: CreateCouponProps) {
  const refusal = useRefusal('catalog.write')
  return (
    <Dialog
      title="New coupon"
      description="It never changes afterwards: who redeems it keeps what was promised."
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      trigger={
        <Button variant="primary" icon="plus" disabledReason={refusal}>
          New coupon
        </Button>
      }
    >
      <CouponForm planKeys={planKeys} />
    </Dialog>
  )
}

function CouponForm({ planKeys }: Pick<CreateCouponProps, 'planKeys'>) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const [off, setOff] = useState<(typeof OFF)[number]['value']>('percentage')
  const [duration, setDuration] = useState<(typeof DURATIONS)[number]['value']>('once')

  return (
    <Form
      onSubmit={async (values, { idempotencyKey }) => {
        const limit = textOf(values, 'definition.maxRedemptions')
        const planKey = textOf(values, 'definition.planKeys')
        const body = {
          key: textOf(values, 'key'),
          definition: {
            name: textOf(values, 'definition.name'),
            off:
              off === 'percentage'
                ? { type: off, percent: textOf(values, 'definition.off.percent') }
                : {
                    type: off,
                    amounts: parseAmounts(textOf(values, 'definition.off.amounts')) ?? {},
                  },
            duration:
              duration === 'repeating'
                ? { type: duration, months: Number(textOf(values, 'definition.duration.months')) }
                : { type: duration },
            maxRedemptions: limit === '' ? null : Number(limit),
            planKeys: planKey === EVERY_PLAN ? null : [planKey],
          },
        }
        const { key } = await client.post('/api/v1/coupons', { body, idempotencyKey })
        await queryClient.invalidateQueries({ queryKey: ['coupons'] })
        await navigate({ to: paths.coupon, params: { couponKey: key } })
      }}
    >
      <Grid gap={4} columns="1fr 1fr">
        <Field name="definition.name" label="Name" hint="Customers read it on their invoices.">
          <TextInput required maxLength={200} autoComplete="off" placeholder="Launch offer" />
        </Field>
        <Field name="key" label="Key" hint="Lower-case letters, digits and _.">
          <TextInput
            required
            isMono
            maxLength={64}
            pattern="[a-z0-9_]+"
            autoComplete="off"
            placeholder="launch"
          />
        </Field>
      </Grid>
      <Grid gap={4} columns="1fr 1fr">
        <Field label="Takes off">
          <Select options={OFF} value={off} onChange={setOff} />
        </Field>
        {off === 'percentage' ? (
          <Field name="definition.off.percent" label="Percentage" hint="At most two decimals.">
            <TextInput required suffix="%" inputMode="decimal" pattern="\d{1,3}(\.\d{1,2})?" />
          </Field>
        ) : (
          <Field
            name="definition.off.amounts"
            label="Amount"
            hint="With its currency, several with commas."
          >
            <TextInput
              required
              placeholder="5.00 usd, 4.50 eur"
              pattern="\s*\d+(\.\d+)?\s*[A-Za-z]{3}(\s*,\s*\d+(\.\d+)?\s*[A-Za-z]{3})*\s*"
            />
          </Field>
        )}
      </Grid>
      <Grid gap={4} columns="1fr 1fr">
        <Field label="For">
          <Select options={DURATIONS} value={duration} onChange={setDuration} />
        </Field>
        {duration === 'repeating' && (
          <Field name="definition.duration.months" label="Months">
            <TextInput required type="number" min={1} max={120} defaultValue="3" />
          </Field>
        )}
      </Grid>
      <Grid gap={4} columns="1fr 1fr">
        <Field name="definition.planKeys" label="Plan">
          <Select
            name="definition.planKeys"
            defaultValue={EVERY_PLAN}
            options={[
              { value: EVERY_PLAN, label: 'Every plan' },
              ...planKeys.map((key) => ({ value: key, label: key })),
            ]}
          />
        </Field>
        <Field
          name="definition.maxRedemptions"
          label="Redemptions at most"
          isOptional
          hint="By all codes together."
        >
          <TextInput type="number" min={1} placeholder="any number" />
        </Field>
      </Grid>
      <DialogActions>
        <DialogCancel />
        <SubmitButton>Create coupon</SubmitButton>
      </DialogActions>
    </Form>
  )
}
