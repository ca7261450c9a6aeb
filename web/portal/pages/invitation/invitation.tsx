import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ButtonLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { useSubmission } from '../../../ui/submission.ts'
import { Time } from '../../../ui/time.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { invitationQuery } from '../../queries.ts'
import { useWhyNotPayer } from '../billing/why-not-payer.ts'

const route = getRouteApi('/app/invitations/$token')

/** Where the link of an invitation leads: what is offered, to which account, and the step to the plans. */
export function InvitationPage() {
  const { token } = route.useParams()
  const { data: invitation } = useSuspenseQuery(invitationQuery(token))
  return invitation.kind === 'offer' ? (
    <Offer token={token} {...invitation} />
  ) : (
    <Refused detail={invitation.problem.detail} />
  )
}

interface OfferProps {
  readonly token: string
  readonly planName: string
  readonly expiresAt: string
}

function Offer({ token, planName, expiresAt }: OfferProps) {
  const { account } = route.useRouteContext()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const refusal = useWhyNotPayer()
  const { submit, isPending, problem } = useSubmission()

  async function accept(idempotencyKey: string): Promise<void> {
    const { planKey } = await client.post('/api/v1/portal/invitations/accept', {
      body: { token },
      idempotencyKey,
    })
    await queryClient.invalidateQueries({ queryKey: ['plans'] })
    queryClient.removeQueries({ queryKey: ['invitation', token] })
    await navigate({ to: paths.plans, search: { plan: planKey }, replace: true })
  }

  return (
    <Stack gap={6}>
      <PageHeader
        title={`You are invited to ${planName}`}
        description="This plan is not open to everybody. Nothing is charged before you choose it."
      />
      <Card>
        <Stack gap={5}>
          <p>
            Accept for <strong>{account.name}</strong>, and {planName} is among the plans you can
            choose. The invitation works until <Time at={expiresAt} as="date" />.
          </p>
          <Stack direction="row" gap={3} canWrap>
            <Button
              variant="primary"
              isPending={isPending}
              disabledReason={refusal}
              onClick={() => void submit(accept)}
            >
              Accept invitation
            </Button>
            <ButtonLink to={paths.plans}>Look at the other plans</ButtonLink>
          </Stack>
          {problem !== undefined && <ProblemBanner problem={problem} />}
        </Stack>
      </Card>
    </Stack>
  )
}

function Refused({ detail }: { readonly detail: string }) {
  return (
    <Stack gap={6}>
      <PageHeader title="Your invitation" />
      <Card>
        <EmptyState
          icon="ban"
          title="This invitation cannot be accepted"
          description={detail.replace('The invitation cannot be accepted. ', '')}
          action={<ButtonLink to={paths.plans}>Look at the plans</ButtonLink>}
        />
      </Card>
    </Stack>
  )
}
