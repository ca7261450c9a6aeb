import { useNow } from '../../../ui/clock.tsx'
import { ExternalButtonLink } from '../../../ui/link.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { type InvoiceWithLines, payBy } from './present-invoice.ts'

/** By when an invoice is paid that Stripe has sent, and the page for it: by card, transfer or whatever is offered there. */
export function PayOnPage({ invoice }: { readonly invoice: InvoiceWithLines }) {
  return (
    <Stack gap={3} align="start">
      <p>{payBy(invoice, useNow())}</p>
      <ExternalButtonLink variant="primary" size="sm" href={invoice.hostedUrl ?? ''}>
        Pay the invoice
      </ExternalButtonLink>
    </Stack>
  )
}
