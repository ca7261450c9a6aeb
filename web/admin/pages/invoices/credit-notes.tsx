import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { parseMajor } from '../../../../src/kit/money.ts'
import type { ResponseOf } from '../../../../src/client/client.ts'
import { Amount } from '../../../ui/amount.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { formatAmount } from '../../../ui/format.ts'
import { ExternalLink } from '../../../ui/link.tsx'
import { Select } from '../../../ui/select.tsx'
import { TextArea, TextInput } from '../../../ui/text-input.tsx'
import { Time } from '../../../ui/time.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import { creditNotesQuery } from '../../money-queries.ts'
import { refreshMoney } from '../payments/refresh-money.ts'
import { CREDIT_NOTE_STATES, type InvoiceWithLines, whereCreditGoes } from './present-invoice.ts'

type CreditNote = ResponseOf<'get', '/api/v1/credit-notes'>['data'][number]

const COLUMNS: readonly Column<CreditNote>[] = [
  {
    key: 'number',
    header: 'Credit note',
    cell: ({ number, pdfUrl }) =>
      pdfUrl === null ? (number ?? '–') : <ExternalLink href={pdfUrl}>{number}</ExternalLink>,
  },
  {
    key: 'state',
    header: 'Status',
    width: '8rem',
    cell: ({ state }) => {
      const { word, tone } = CREDIT_NOTE_STATES[state]
      return <Badge tone={tone}>{word}</Badge>
    },
  },
  {
    key: 'at',
    header: 'Date',
    width: '8rem',
    align: 'end',
    cell: ({ createdAt }) => <Time at={createdAt} as="date" />,
  },
  {
    key: 'amount',
    header: 'Amount',
    width: '8rem',
    align: 'end',
    cell: ({ amount }) => <Amount value={amount} isCredit />,
  },
]

/** The documents that say an invoice is worth less. */
export function CreditNotes({ invoice }: { readonly invoice: InvoiceWithLines }) {
  const { data, error, refetch } = useQuery(creditNotesQuery(invoice.id))
  return (
    <Card isFlush title="Credit notes" actions={<IssueCreditNote invoice={invoice} />}>
      <DataTable
        label="Credit notes"
        columns={COLUMNS}
        rows={data?.data}
        rowKey={({ id }) => id}
        skeletonRows={1}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <EmptyState
            icon="invoice"
            title="It is worth what it says"
            description="Refunds and corrections that come with a document appear here."
          />
        }
      />
    </Card>
  )
}

/** No reason has this name. */
const NO_REASON = 'none'

const REASONS = [
  { value: NO_REASON, label: 'None given' },
  { value: 'duplicate', label: 'Invoiced twice' },
  { value: 'order_change', label: 'The order changed' },
  { value: 'product_unsatisfactory', label: 'It did not satisfy' },
  { value: 'fraudulent', label: 'Fraud' },
] as const

function IssueCreditNote({ invoice }: { readonly invoice: InvoiceWithLines }) {
  const queryClient = useQueryClient()
  const { currency } = invoice.total
  const refusal = useRefusal('payments.write')
  const [isOpen, setOpen] = useState(false)
  const [reason, setReason] = useState<(typeof REASONS)[number]['value']>(NO_REASON)
  const isIssued = invoice.state === 'open' || invoice.state === 'paid'
  return (
    <Dialog
      title="Issue a credit note"
      description={whereCreditGoes(invoice)}
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button
          size="sm"
          icon="plus"
          disabledReason={refusal ?? (isIssued ? undefined : 'It is neither owed nor paid.')}
        >
          Credit note
        </Button>
      }
    >
      <Form
        onSuccess={() => setOpen(false)}
        onSubmit={async (values, { idempotencyKey }) => {
          const memo = textOf(values, 'memo')
          const amount = parseMajor(textOf(values, 'amountMinor'), currency)
          await client.post('/api/v1/invoices/{invoiceId}/credit-notes', {
            params: { invoiceId: invoice.id },
            body: {
              // What is no amount is the API's to refuse, at the field.
              amountMinor: Number(amount?.amountMinor ?? 0n),
              reason: reason === NO_REASON ? null : reason,
              memo: memo === '' ? null : memo,
            },
            idempotencyKey,
          })
          await refreshMoney(queryClient)
        }}
      >
        <Field
          name="amountMinor"
          label="Amount"
          hint={`The invoice is over ${formatAmount(invoice.total)}.`}
        >
          <TextInput
            required
            inputMode="decimal"
            autoComplete="off"
            pattern="\d+(\.\d+)?"
            suffix={currency.toUpperCase()}
          />
        </Field>
        <Field name="reason" label="Because">
          <Select name="reason" options={REASONS} value={reason} onChange={setReason} />
        </Field>
        <Field name="memo" label="Note" isOptional hint="Stands on the document.">
          <TextArea name="memo" rows={2} maxLength={500} />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Issue credit note</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}
