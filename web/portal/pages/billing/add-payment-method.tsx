import type { ReactNode } from 'react'
import { Button } from '../../../ui/button.tsx'
import { useDeparture } from '../../../ui/departure.ts'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { useSubmission } from '../../../ui/submission.ts'
import { client } from '../../api.ts'

interface AddPaymentMethodProps {
  readonly disabledReason?: string | undefined
  readonly children: ReactNode
}

/** Leads to the payment provider's page on which a card is saved, and back to "Plan & billing". */
export function AddPaymentMethod({ disabledReason, children }: AddPaymentMethodProps) {
  const { submit, isPending, problem } = useSubmission()
  const { isLeaving, leaveFor } = useDeparture()

  async function open(idempotencyKey: string) {
    const { url } = await client.post('/api/v1/portal/payment-methods', { idempotencyKey })
    leaveFor(url)
  }

  return (
    <Stack gap={3}>
      <Button
        size="sm"
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
