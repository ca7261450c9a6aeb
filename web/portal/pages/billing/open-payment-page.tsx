import type { ReactNode } from 'react'
import { Button } from '../../../ui/button.tsx'
import { useDeparture } from '../../../ui/departure.ts'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { useSubmission } from '../../../ui/submission.ts'
import { client } from '../../api.ts'

interface OpenPaymentPageProps {
  readonly size?: 'sm' | 'md'
  readonly disabledReason?: string | undefined
  readonly children: ReactNode
}

/** Leads to the payment provider's page for cards and the like; it leads back to "Plan & billing". */
export function OpenPaymentPage({ size = 'md', disabledReason, children }: OpenPaymentPageProps) {
  const { submit, isPending, problem } = useSubmission()
  const { isLeaving, leaveFor } = useDeparture()

  async function open(idempotencyKey: string) {
    const { url } = await client.post('/api/v1/portal/billing-portal', { idempotencyKey })
    leaveFor(url)
  }

  return (
    <Stack gap={3}>
      <Button
        size={size}
        isPending={isPending || isLeaving}
        disabledReason={disabledReason}
        onClick={() => void submit(open)}
      >
        {children}
      </Button>
      {problem !== undefined && <ProblemBanner problem={problem} />}
    </Stack>
  )
}
