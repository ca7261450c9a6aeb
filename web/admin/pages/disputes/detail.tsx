import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Amount } from '../../../ui/amount.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { countOf, formatAmount } from '../../../ui/format.ts'
import { Grid } from '../../../ui/grid.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { disputeQuery } from '../../money-queries.ts'
import { customerQuery } from '../../queries.ts'
import { refreshMoney } from '../payments/refresh-money.ts'
import { EvidenceForm } from './evidence-form.tsx'
import {
  type Dispute,
  disputeStateOf,
  isAnswerable,
  reasonOf,
  refusalToAnswer,
  writtenOf,
} from './present-dispute.ts'

const route = getRouteApi('/app/disputes/$disputeId')

export function DisputePage() {
  const { disputeId } = route.useParams()
  const { data: dispute } = useSuspenseQuery(disputeQuery(disputeId))
  const { data: customer } = useSuspenseQuery(customerQuery(dispute.customerId))
  const { word, tone } = disputeStateOf(dispute)
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={<Link to={paths.disputes}>Disputes</Link>}
        title={`${formatAmount(dispute.amount)} disputed by ${customer.name}`}
        badges={<Badge tone={tone}>{word}</Badge>}
        description={
          <Stack direction="row" gap={4} canWrap>
            <Link to={paths.customer} params={{ customerId: customer.id }}>
              {customer.name}
            </Link>
            <Link to={paths.payment} params={{ paymentId: dispute.paymentId }}>
              The payment
            </Link>
            <CopyText text={dispute.stripeDisputeId} label="Stripe id" />
          </Stack>
        }
        actions={<Answer dispute={dispute} customerName={customer.name} />}
      />
      {dispute.evidenceDueAt !== null && isAnswerable(dispute) && (
        <Banner tone="warning" title="The bank waits for an answer">
          Until <Time at={dispute.evidenceDueAt} as="date-time" />. Without one the money is lost.
        </Banner>
      )}
      <Grid gap={4} columns="3fr 2fr">
        <EvidenceForm dispute={dispute} key={`${dispute.id} ${dispute.evidenceState}`} />
        <Facts dispute={dispute} />
      </Grid>
    </Stack>
  )
}

function Facts({ dispute }: { readonly dispute: Dispute }) {
  const at = (iso: string | null) => (iso === null ? null : <Time at={iso} as="date-time" />)
  return (
    <Card title="Facts">
      <KeyValueList
        items={[
          { label: 'They say', value: reasonOf(dispute) },
          { label: 'Reason code', value: dispute.networkReasonCode },
          { label: 'Amount', value: <Amount value={dispute.amount} /> },
          { label: 'Stripe’s fee', value: <Amount value={dispute.fee} /> },
          { label: 'Opened', value: at(dispute.openedAt) },
          { label: 'Answer until', value: at(dispute.evidenceDueAt) },
          { label: 'Handed in', value: at(dispute.submittedAt) },
          { label: 'Closed', value: at(dispute.closedAt) },
        ]}
      />
    </Card>
  )
}

interface AnswerProps {
  readonly dispute: Dispute
  readonly customerName: string
}

function Answer({ dispute, customerName }: AnswerProps) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('payments.write') ?? refusalToAnswer(dispute)
  const amount = formatAmount(dispute.amount)
  const params = { disputeId: dispute.id }
  const written = writtenOf(dispute.evidence)
  const object = [
    { label: 'Customer', value: customerName },
    { label: 'They say', value: reasonOf(dispute) },
  ]
  return (
    <>
      <ConfirmDialog
        title="Accept this dispute?"
        amount={amount}
        object={object}
        consequences={['The money stays with the customer.', 'It cannot be answered any more.']}
        verb={`Give up ${amount}`}
        typedWord="accept"
        trigger={<Button disabledReason={refusal}>Accept</Button>}
        onConfirm={async ({ idempotencyKey }) => {
          await client.post('/api/v1/disputes/{disputeId}/accept', { params, idempotencyKey })
          await refreshMoney(queryClient)
        }}
      />
      <ConfirmDialog
        title="Hand the evidence to the bank?"
        amount={amount}
        object={[...object, { label: 'Evidence', value: countOf(written, 'part') }]}
        consequences={[
          'The bank reads what is saved here now.',
          'It can be handed in once; nothing can be added later.',
        ]}
        verb="Hand in evidence"
        tone="primary"
        trigger={
          <Button
            variant="primary"
            disabledReason={
              refusal ?? (written === 0 ? 'There is no evidence yet. Write some below.' : undefined)
            }
          >
            Hand in evidence
          </Button>
        }
        onConfirm={async ({ idempotencyKey }) => {
          await client.post('/api/v1/disputes/{disputeId}/submit', { params, idempotencyKey })
          await refreshMoney(queryClient)
        }}
      />
    </>
  )
}
