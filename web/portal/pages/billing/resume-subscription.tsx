import { Button } from '../../../ui/button.tsx'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { useSubmission } from '../../../ui/submission.ts'
import { client } from '../../api.ts'
import { useBillingRefresh } from './billing-refresh.ts'
import { useWhyNotPayer } from './why-not-payer.ts'

/** Takes a cancellation back. Nothing is charged by it, so one click does. */
export function ResumeSubscription({ size = 'md' }: { readonly size?: 'sm' | 'md' }) {
  const refresh = useBillingRefresh()
  const { submit, isPending, problem } = useSubmission()
  const disabledReason = useWhyNotPayer()
  return (
    <Stack gap={3}>
      <Button
        size={size}
        variant="primary"
        isPending={isPending}
        disabledReason={disabledReason}
        onClick={() =>
          void submit(async (idempotencyKey) => {
            await client.post('/api/v1/portal/subscription/resume', { idempotencyKey })
            await refresh()
          })
        }
      >
        Keep my plan
      </Button>
      {problem !== undefined && <ProblemBanner problem={problem} />}
    </Stack>
  )
}
