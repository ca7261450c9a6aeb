import { useState } from 'react'
import type { ResponseOf } from '../../../../src/client/client.ts'
import { Card } from '../../../ui/card.tsx'
import { formatDate } from '../../../ui/format.ts'
import { ButtonLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { FirstCall } from '../quickstart/first-call.tsx'
import { KeyStep } from '../quickstart/key-step.tsx'

interface StartedProps {
  readonly subscription: ResponseOf<'get', '/api/v1/portal/checkouts/{intentId}'>['subscription']
}

/** The purchase is complete: the plan, the key, the first call. */
export function Started({ subscription }: StartedProps) {
  // Kept while the page is open, so that the call can be copied as it is; nowhere else.
  const [secret, setSecret] = useState<string>()
  return (
    <Stack gap={6}>
      <PageHeader
        title={`You are on ${subscription?.planName ?? 'your plan'}`}
        description={periodWords(subscription)}
        actions={<ButtonLink to={paths.quickstart}>Quickstart</ButtonLink>}
      />
      <Card title="Your API key">
        <KeyStep secret={secret} onSeen={setSecret} />
      </Card>
      <Card title="Your first call">
        <FirstCall secret={secret} />
      </Card>
    </Stack>
  )
}

function periodWords(subscription: StartedProps['subscription']): string {
  if (subscription?.trialEndsAt && subscription.lifecycle === 'trialing') {
    return `Your trial lasts until ${formatDate(subscription.trialEndsAt)}. Nothing is charged before.`
  }
  const end = subscription?.currentPeriod?.endsAt
  if (end === undefined) return 'Your plan is active.'
  return `Your plan is active and renews on ${formatDate(end)}.`
}
