import { Card } from '../../../ui/card.tsx'
import { formatDate } from '../../../ui/format.ts'
import { Stack } from '../../../ui/stack.tsx'
import styles from './pay-outside.module.css'
import type { InvoiceWithLines } from './present-invoice.ts'

type Outside = NonNullable<InvoiceWithLines['outside']>

/** By when and how an invoice is paid that no card is charged for. */
export function PayOutside({
  invoice,
  outside,
}: {
  readonly invoice: InvoiceWithLines
  readonly outside: Outside
}) {
  const { dueAt, number } = invoice
  return (
    <Stack gap={2}>
      <p>
        {dueAt === null ? 'Please pay it' : `Please pay it by ${formatDate(dueAt)}`}
        {number === null ? '.' : ` and name ${number}.`}
      </p>
      {outside.instructions !== null && <p className={styles.written}>{outside.instructions}</p>}
    </Stack>
  )
}

/** Who asks for the money, as the operator wrote it. */
export function Issuer({ outside: { issuer } }: { readonly outside: Outside }) {
  if (issuer === null) return null
  return (
    <Card title="From">
      <p className={styles.written}>{issuer}</p>
    </Card>
  )
}
