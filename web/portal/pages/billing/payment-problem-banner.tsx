import { Banner } from '../../../ui/banner.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { formatAmount } from '../../../ui/format.ts'
import { ButtonLink, ExternalButtonLink, ExternalLink } from '../../../ui/link.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { PayInvoice } from '../invoices/pay-invoice.tsx'
import { OpenPaymentPage } from './open-payment-page.tsx'
import { type PaymentProblem, paymentProblemWords } from './present-payment-problem.ts'
import { useWhyNotPayer } from './why-not-payer.ts'

/** A payment has failed: what follows, and the ways to put it right, beside one another. */
export function PaymentProblemBanner({ problem }: { readonly problem: PaymentProblem }) {
  const { title, text, isWrong } = paymentProblemWords(problem, useNow())
  const disabledReason = useWhyNotPayer()
  const { invoiceId, amount, needsNewPaymentMethod, payUrl } = problem
  if (problem.dueAt !== null) {
    return (
      <Banner tone={isWrong ? 'danger' : 'info'} title={title}>
        <Stack gap={3} align="start">
          <p>{text}</p>
          <Stack direction="row" gap={4} canWrap>
            {payUrl !== null && (
              <ExternalButtonLink variant="primary" size="sm" href={payUrl}>
                Pay the invoice
              </ExternalButtonLink>
            )}
            <ButtonLink size="sm" to={paths.invoice} params={{ invoiceId }}>
              See the invoice
            </ButtonLink>
          </Stack>
        </Stack>
      </Banner>
    )
  }
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
