import { Banner } from '../../../ui/banner.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { formatAmount } from '../../../ui/format.ts'
import { ExternalLink } from '../../../ui/link.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { PayInvoice } from '../invoices/pay-invoice.tsx'
import { OpenPaymentPage } from './open-payment-page.tsx'
import { type PaymentProblem, paymentProblemWords } from './present-payment-problem.ts'
import { useWhyNotPayer } from './why-not-payer.ts'

/** A payment has failed: what follows, and the ways to put it right, beside one another. */
export function PaymentProblemBanner({ problem }: { readonly problem: PaymentProblem }) {
  const { title, text } = paymentProblemWords(problem, useNow())
  const disabledReason = useWhyNotPayer()
  const { invoiceId, amount, needsNewPaymentMethod, payUrl } = problem
  return (
    <Banner tone="danger" title={title}>
      <Stack gap={3}>
        <p>{text}</p>
        <Stack direction="row" gap={3} canWrap>
          {!needsNewPaymentMethod && (
            <PayInvoice invoiceId={invoiceId} label={`Pay ${formatAmount(amount)} now`} size="sm" />
          )}
          <OpenPaymentPage size="sm" disabledReason={disabledReason}>
            Update payment method
          </OpenPaymentPage>
          {payUrl !== null && <ExternalLink href={payUrl}>Pay another way</ExternalLink>}
        </Stack>
      </Stack>
    </Banner>
  )
}
