import { Button } from '../../../ui/button.tsx'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { useSubmission } from '../../../ui/submission.ts'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { useBillingRefresh } from '../billing/billing-refresh.ts'
import { useWhyNotPayer } from '../billing/why-not-payer.ts'

interface PayInvoiceProps {
  readonly invoiceId: string
  /** Names the amount: `Pay $29.00 now`. */
  readonly label: string
  readonly size?: 'sm' | 'md'
}

/** Charges the default payment method with what is owed; a refusal of the bank is said right here. */
export function PayInvoice({ invoiceId, label, size = 'md' }: PayInvoiceProps) {
  const refresh = useBillingRefresh()
  const disabledReason = useWhyNotPayer()
  const { submit, isPending, problem } = useSubmission()

  async function pay(idempotencyKey: string) {
    const path = '/api/v1/portal/invoices/{invoiceId}/pay'
    const invoice = await client.post(path, { params: { invoiceId }, idempotencyKey })
    await refresh()
    if (invoice.state === 'paid') announce({ title: 'Paid, thank you' })
  }

  return (
    <Stack gap={3} align="start">
      <Button
        variant="primary"
        size={size}
        isPending={isPending}
        disabledReason={disabledReason}
        // A refusal may say that it is paid already; what is shown follows.
        onClick={() => void submit(pay, () => void refresh())}
      >
        {label}
      </Button>
      {problem !== undefined && <ProblemBanner problem={problem} />}
    </Stack>
  )
}
