import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Amount } from '../../../ui/amount.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { formatAmount } from '../../../ui/format.ts'
import { Grid } from '../../../ui/grid.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { ExternalLink, Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { paths } from '../../paths.ts'
import { paymentQuery } from '../../money-queries.ts'
import { customerQuery } from '../../queries.ts'
import { methodOf, paymentStateOf } from '../invoices/present-invoice.ts'
import {
  type Attempt,
  ATTEMPT_STATES,
  bankWords,
  type PaymentDetail,
  type Refund,
} from './present-refund.ts'
import { ApproveRefund } from './approve-refund.tsx'
import { REFUND_COLUMNS } from './refund-columns.tsx'
import { RefundPayment } from './refund-payment.tsx'
import { ATTEMPT_HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/payments/$paymentId')

const ATTEMPTS: readonly Column<Attempt>[] = withCells(ATTEMPT_HEADS, {
  at: ({ attemptedAt }) => <Time at={attemptedAt} as="date-time" />,
  state: ({ state }) => {
    const { word, tone } = ATTEMPT_STATES[state]
    return <Badge tone={tone}>{word}</Badge>
  },
  method: (attempt) => methodOf(attempt),
  why: (attempt) => bankWords(attempt),
  amount: ({ amount }) => <Amount value={amount} />,
})

const REFUNDS = REFUND_COLUMNS.filter(({ key }) => key !== 'customer' && key !== 'at')

export function PaymentPage() {
  const { paymentId } = route.useParams()
  const { data: payment } = useSuspenseQuery(paymentQuery(paymentId))
  const { data: customer } = useSuspenseQuery(customerQuery(payment.customerId))
  const { word, tone } = paymentStateOf(payment.state)
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={
          <Link to={paths.invoices} search={{ tab: 'payments' }}>
            Invoices & payments
          </Link>
        }
        title={`${formatAmount(payment.amount)} of ${customer.name}`}
        badges={<Badge tone={tone}>{word}</Badge>}
        description={
          <Stack direction="row" gap={4} canWrap>
            <Link to={paths.customer} params={{ customerId: customer.id }}>
              {customer.name}
            </Link>
            <CopyText text={payment.id} label="payment id" />
            {payment.receiptUrl !== null && (
              <ExternalLink href={payment.receiptUrl}>Receipt</ExternalLink>
            )}
          </Stack>
        }
        actions={<RefundPayment payment={payment} customerName={customer.name} />}
      />
      <Waiting refunds={payment.refunds} customerName={customer.name} />
      <Grid gap={4} columns="3fr 2fr">
        <Refunds payment={payment} customerName={customer.name} />
        <Facts payment={payment} />
      </Grid>
      <Attempts attempts={payment.attempts} />
    </Stack>
  )
}

interface WaitingProps {
  readonly refunds: readonly Refund[]
  readonly customerName: string
}

function Waiting({ refunds, customerName }: WaitingProps) {
  return refunds
    .filter(({ approval }) => approval === 'waiting')
    .map((refund) => <ApproveRefund key={refund.id} refund={refund} customerName={customerName} />)
}

interface RefundsProps {
  readonly payment: PaymentDetail
  readonly customerName: string
}

function Refunds({ payment, customerName }: RefundsProps) {
  return (
    <Card isFlush title="Refunds">
      <DataTable
        label="Refunds"
        columns={REFUNDS}
        rows={payment.refunds.map((refund) => ({ ...refund, customerName }))}
        rowKey={({ id }) => id}
        empty={
          <EmptyState
            icon="refund"
            title="Nothing was given back"
            description="Refunds of this payment appear here, also those made in Stripe."
          />
        }
      />
    </Card>
  )
}

function Attempts({ attempts }: { readonly attempts: readonly Attempt[] }) {
  return (
    <Card isFlush title="Attempts">
      <DataTable
        label="Attempts"
        columns={ATTEMPTS}
        rows={attempts}
        rowKey={({ attemptedAt, state }) => `${attemptedAt} ${state}`}
        empty={
          <EmptyState
            icon="card"
            title="Nobody has tried to pay"
            description="Each attempt appears here, with what the bank said."
          />
        }
      />
    </Card>
  )
}

function Facts({ payment }: { readonly payment: PaymentDetail }) {
  const { invoiceId, fee } = payment
  return (
    <Card title="Facts">
      <KeyValueList
        items={[
          { label: 'Paid with', value: methodOf(payment) },
          { label: 'Came in', value: <Amount value={payment.captured} /> },
          { label: 'Given back', value: <Amount value={payment.refunded} /> },
          { label: 'Can be given back', value: <Amount value={payment.refundable} /> },
          { label: 'Kept by Stripe', value: fee === null ? null : <Amount value={fee} /> },
          {
            label: 'Invoice',
            value:
              invoiceId === null ? null : (
                <Link to={paths.invoice} params={{ invoiceId }}>
                  Open invoice
                </Link>
              ),
          },
          { label: 'Begun', value: <Time at={payment.createdAt} as="date-time" /> },
          {
            label: 'At Stripe',
            value:
              payment.stripePaymentIntentId === null ? null : (
                <CopyText text={payment.stripePaymentIntentId} label="Stripe id" />
              ),
          },
        ]}
      />
    </Card>
  )
}
