import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { formatAmount } from '../../../ui/format.ts'
import { IconButton } from '../../../ui/icon-button.tsx'
import { Menu } from '../../../ui/menu.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import { refreshMoney } from '../payments/refresh-money.ts'
import { MarkPaid } from './mark-paid.tsx'
import { dueOf, type InvoiceWithLines, refusalToSettle } from './present-invoice.ts'

interface InvoiceActionsProps {
  readonly invoice: InvoiceWithLines
  readonly customerName: string
}

type Act = 'pay' | 'write-off' | 'void'

/** What can be done about an invoice that is still owed. */
export function InvoiceActions({ invoice, customerName }: InvoiceActionsProps) {
  const queryClient = useQueryClient()
  const [act, setAct] = useState<Act | 'mark-paid'>()
  const mayWrite = useRefusal('payments.write')
  const refusal = mayWrite ?? refusalToSettle(invoice)
  // What is written off can still be paid.
  const payRefusal = invoice.state === 'uncollectible' ? mayWrite : refusal
  const close = () => setAct(undefined)
  const amount = formatAmount(dueOf(invoice))
  const object = [
    { label: 'Invoice', value: invoice.number ?? 'not numbered yet' },
    { label: 'Customer', value: customerName },
  ]
  const does = (path: Act) => async (request: { readonly idempotencyKey: string }) => {
    const options = { params: { invoiceId: invoice.id }, ...request }
    if (path === 'pay') await client.post('/api/v1/invoices/{invoiceId}/pay', options)
    else if (path === 'void') await client.post('/api/v1/invoices/{invoiceId}/void', options)
    else await client.post('/api/v1/invoices/{invoiceId}/write-off', options)
    await refreshMoney(queryClient)
  }
  return (
    <>
      <Menu
        trigger={<IconButton icon="dots" label="Actions for this invoice" variant="secondary" />}
        sections={[
          {
            items: [
              {
                label: 'Collect now',
                icon: 'card',
                hint: 'Charge the payment method they have',
                disabledReason:
                  refusal ?? (invoice.isOffline ? 'It is paid outside Stripe.' : undefined),
                onSelect: () => setAct('pay'),
              },
              {
                label: 'Mark as paid',
                icon: 'check',
                hint: 'Paid another way, such as by transfer',
                disabledReason: payRefusal,
                onSelect: () => setAct('mark-paid'),
              },
            ],
          },
          {
            items: [
              {
                label: 'Write off',
                icon: 'ban',
                hint: 'Give up, though it stays owed',
                tone: 'danger',
                disabledReason: refusal,
                onSelect: () => setAct('write-off'),
              },
              {
                label: 'Void',
                icon: 'x-circle',
                hint: 'It is no longer owed',
                tone: 'danger',
                disabledReason: refusal,
                onSelect: () => setAct('void'),
              },
            ],
          },
        ]}
      />
      <ConfirmDialog
        isOpen={act === 'pay'}
        onOpenChange={close}
        title="Collect this invoice now?"
        amount={amount}
        object={object}
        consequences={[
          'Their default payment method is charged at once.',
          'When the bank declines, the schedule of retries goes on as before.',
        ]}
        verb={`Charge ${amount}`}
        tone="primary"
        onConfirm={does('pay')}
      />
      <MarkPaid invoice={invoice} isOpen={act === 'mark-paid'} onOpenChange={close} />
      <ConfirmDialog
        isOpen={act === 'write-off'}
        onOpenChange={close}
        title="Write this invoice off?"
        amount={amount}
        object={object}
        consequences={['Nobody is reminded of it any more.', 'It can still be paid.']}
        verb="Write off"
        onConfirm={does('write-off')}
      />
      <ConfirmDialog
        isOpen={act === 'void'}
        onOpenChange={close}
        title="Void this invoice?"
        amount={amount}
        object={object}
        consequences={['It is no longer owed, as if it had never been issued.', 'This is final.']}
        verb="Void invoice"
        typedWord="void"
        onConfirm={does('void')}
      />
    </>
  )
}
