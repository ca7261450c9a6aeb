import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { AuthFrame } from '../../../ui/auth/auth-frame.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Form, SubmitButton } from '../../../ui/form.tsx'
import { ButtonLink, Link } from '../../../ui/link.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { joiningQuery } from '../../queries.ts'
import { useBrand } from '../auth/brand.ts'
import { useEnter } from '../auth/enter.ts'
import { roleName } from '../settings/present-member.ts'

const route = getRouteApi('/join/$token')

/** Where the link of an invitation to an account leads, for somebody who is signed in and has none yet. */
export function JoinPage() {
  const { token } = route.useParams()
  const { session } = route.useRouteContext()
  const brand = useBrand()
  const enter = useEnter(undefined)
  const { data: offer } = useSuspenseQuery(joiningQuery(token))
  if (offer.kind === 'refused') {
    return (
      <AuthFrame {...brand} title="This invitation cannot be accepted">
        <Stack gap={4}>
          <Banner
            tone="warning"
            title={offer.problem.detail.replace('The invitation cannot be accepted. ', '')}
          />
          <ButtonLink to={paths.overview}>Go to the portal</ButtonLink>
        </Stack>
      </AuthFrame>
    )
  }
  return (
    <AuthFrame
      {...brand}
      title={`Join ${offer.accountName}`}
      description={
        <>
          You are asked to act for this account as <strong>{roleName(offer.role)}</strong>. The
          invitation works until <Time at={offer.expiresAt} as="date" />.
        </>
      }
      footer={
        <>
          Rather an account of your own? <Link to={paths.welcome}>Create one</Link>
        </>
      }
    >
      <Form
        onSubmit={async (_, { idempotencyKey }) => {
          const body = { token }
          await client.post('/api/v1/portal/member-invitations/accept', { body, idempotencyKey })
          await enter()
        }}
      >
        <p>
          You are signed in as <strong>{session.user.email}</strong>.
        </p>
        <SubmitButton isFullWidth>Join {offer.accountName}</SubmitButton>
      </Form>
    </AuthFrame>
  )
}
