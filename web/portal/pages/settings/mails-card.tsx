import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import type { ResponseOf } from '../../../../src/client/client.ts'
import { Card } from '../../../ui/card.tsx'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { useSubmission } from '../../../ui/submission.ts'
import { Switch } from '../../../ui/switch.tsx'
import { client } from '../../api.ts'
import { mailsQuery } from '../../queries.ts'
import { useWhyNotPayer } from '../billing/why-not-payer.ts'

type Topic = ResponseOf<'get', '/api/v1/portal/notification-preferences'>['data'][number]

/** What the account is written about. */
export function MailsCard() {
  const { data } = useSuspenseQuery(mailsQuery)
  return (
    <Card title="Mails" description="What we write to the people of this account about.">
      <Stack gap={5}>
        {data.data.map((topic) => (
          <TopicSwitch key={topic.topic} topic={topic} />
        ))}
      </Stack>
    </Card>
  )
}

function TopicSwitch({
  topic: { topic, name, description, isOptional, isEnabled },
}: {
  readonly topic: Topic
}) {
  const queryClient = useQueryClient()
  const { submit, isPending, problem } = useSubmission()
  const whyNot = useWhyNotPayer()
  const disabledReason = isOptional ? whyNot : 'About money due and access at risk we always write.'

  async function set(isOn: boolean, idempotencyKey: string) {
    const path = '/api/v1/portal/notification-preferences/{topic}'
    await client.put(path, { params: { topic }, body: { isEnabled: isOn }, idempotencyKey })
    await queryClient.invalidateQueries({ queryKey: mailsQuery.queryKey })
  }

  return (
    <Stack gap={3}>
      <Switch
        label={name}
        description={description}
        isOn={isEnabled}
        isPending={isPending}
        disabledReason={disabledReason}
        onChange={(isOn) => void submit((idempotencyKey) => set(isOn, idempotencyKey))}
      />
      {problem !== undefined && <ProblemBanner problem={problem} />}
    </Stack>
  )
}
