import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { parseMajor, toMajorString } from '../../../../src/kit/money.ts'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton } from '../../../ui/form.tsx'
import { formatAmount } from '../../../ui/format.ts'
import { Grid } from '../../../ui/grid.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Switch } from '../../../ui/switch.tsx'
import { TextArea } from '../../../ui/text-input.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { EditChoice, EditText } from '../../edit-fields.tsx'
import { useRefusal } from '../../permissions.ts'
import { refundPreviewQuery } from '../../money-queries.ts'
import {
  ACCESS_OPTIONS,
  consequencesOf,
  type PaymentDetail,
  REASON_OPTIONS,
  type Refund,
  type RefundPreview,
  refusalToRefund,
  refusalWords,
} from './present-refund.ts'
import { refreshMoney } from './refresh-money.ts'

interface RefundPaymentProps {
  readonly payment: PaymentDetail
  readonly customerName: string
}

export function RefundPayment({ payment, customerName }: RefundPaymentProps) {
  const refusal = useRefusal('payments.write')
  const [isOpen, setOpen] = useState(false)
  return (
    <Dialog
      title={`Refund ${customerName}`}
      description="The money goes back to what it was paid with. It cannot be called back."
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button icon="refund" disabledReason={refusal ?? refusalToRefund(payment)}>
          Refund
        </Button>
      }
    >
      <RefundForm payment={payment} onDone={() => setOpen(false)} />
    </Dialog>
  )
}

interface RefundFormProps {
  readonly payment: PaymentDetail
  readonly onDone: () => void
}

function RefundForm({ payment, onDone }: RefundFormProps) {
  const queryClient = useQueryClient()
  const { currency } = payment.amount
  const all = toMajorString({
    amountMinor: BigInt(payment.refundable.amountMinor),
    currency,
  })
  const [amount, setAmount] = useState(all)
  const [reason, setReason] = useState<Refund['reason']>('customer_request')
  const [note, setNote] = useState('')
  const [accessEffect, setAccessEffect] = useState<Refund['accessEffect']>('none')
  const [issueCreditNote, setIssueCreditNote] = useState(false)
  const amountMinor = minorOf(amount, currency)
  const body = {
    ...(amountMinor !== undefined && { amountMinor }),
    reason,
    note: note.trim() === '' ? null : note.trim(),
    accessEffect,
    issueCreditNote,
  }
  const asked = useDeferredValue(amountMinor)
  const { data: preview } = useQuery({
    ...refundPreviewQuery(payment.id, { ...body, amountMinor: asked ?? 0, note: null }),
    enabled: asked !== undefined,
  })
  const refusal = preview?.refusal ?? null
  const words = amountMinor === undefined ? undefined : formatAmount({ amountMinor, currency })
  return (
    <Form
      onSuccess={onDone}
      onSubmit={async (_, { idempotencyKey }) => {
        const refund = await client.post('/api/v1/payments/{paymentId}/refunds', {
          params: { paymentId: payment.id },
          body,
          idempotencyKey,
        })
        await refreshMoney(queryClient)
        announce({
          title:
            refund.approval === 'waiting'
              ? 'The refund waits for a second person'
              : 'The refund is on its way',
          description: formatAmount(refund.amount),
        })
      }}
    >
      <Grid gap={4} minWidth="13rem">
        <EditText
          required
          inputMode="decimal"
          name="amountMinor"
          label="Amount"
          hint={`At most ${formatAmount(payment.refundable)}.`}
          suffix={currency.toUpperCase()}
          value={amount}
          onChange={setAmount}
        />
        <EditChoice
          name="reason"
          label="Because"
          options={REASON_OPTIONS}
          value={reason}
          onChange={setReason}
        />
      </Grid>
      <Field name="note" label="Note" isOptional hint="For your colleagues; kept with the refund.">
        <TextArea
          name="note"
          rows={2}
          maxLength={500}
          value={note}
          onChange={({ target }) => setNote(target.value)}
        />
      </Field>
      <EditChoice
        name="accessEffect"
        label="The subscription it paid for"
        options={ACCESS_OPTIONS}
        value={accessEffect}
        onChange={setAccessEffect}
      />
      <Switch
        label="Issue a credit note"
        description="The document that says the invoice is worth less."
        isOn={issueCreditNote}
        onChange={setIssueCreditNote}
      />
      <Outcome
        preview={preview}
        isAsked={amountMinor !== undefined}
        consequences={consequencesOf({
          accessEffect,
          issueCreditNote,
          creditsTakenBack: preview?.creditsTakenBack ?? null,
        })}
      />
      <DialogActions>
        <DialogCancel />
        <SubmitButton
          variant="danger"
          disabledReason={
            words === undefined
              ? 'Enter an amount first.'
              : refusal === null
                ? undefined
                : refusalWords(refusal)
          }
        >
          Refund {words}
        </SubmitButton>
      </DialogActions>
    </Form>
  )
}

interface OutcomeProps {
  readonly preview: RefundPreview | undefined
  readonly isAsked: boolean
  readonly consequences: readonly string[]
}

/** What the API says it would do, before anything is done. */
function Outcome({ preview, isAsked, consequences }: OutcomeProps) {
  if (!isAsked) return null
  if (preview === undefined) return <Skeleton height="4rem" />
  if (preview.refusal !== null) {
    return (
      <Banner tone="danger" title="It would be refused">
        {refusalWords(preview.refusal)}
      </Banner>
    )
  }
  const rest = preview.isFull
    ? 'Nothing of the payment is left then.'
    : 'The rest of the payment stays.'
  return (
    <Banner
      tone={preview.needsApproval ? 'warning' : 'info'}
      title={
        preview.needsApproval ? 'A second person has to approve it' : 'It is sent to Stripe at once'
      }
    >
      <ul>
        {[rest, ...consequences].map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
      </ul>
    </Banner>
  )
}

/** The amount as it is typed, in whole minor units; undefined while it is none. */
function minorOf(text: string, currency: string): number | undefined {
  const money = parseMajor(text.trim(), currency)
  return money === undefined || money.amountMinor <= 0n ? undefined : Number(money.amountMinor)
}
