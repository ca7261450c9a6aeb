import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button } from '../../../ui/button.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { useDeparture } from '../../../ui/departure.ts'
import { ButtonLink } from '../../../ui/link.tsx'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { useSubmission } from '../../../ui/submission.ts'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { type AskedChange, changePreviewQuery } from '../../queries.ts'
import { useBillingRefresh } from '../billing/billing-refresh.ts'
import { useWhyNotPayer } from '../billing/why-not-payer.ts'
import { type ChangePreview, changeWords } from './present-change.ts'

interface ConfirmChangeProps {
  readonly preview: ChangePreview
  readonly asked: AskedChange
  readonly leave: typeof paths.plans | typeof paths.billing
}

/** Carries out exactly what is shown, or nothing: then it says why and shows it anew. */
export function ConfirmChange({ preview, asked, leave }: ConfirmChangeProps) {
  const { quoteId, expiresAt } = preview
  const words = changeWords(preview)
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const refresh = useBillingRefresh()
  const { submit, isPending, problem } = useSubmission()
  const { isLeaving, leaveFor } = useDeparture()
  const disabledReason = useWhyNotPayer()
  const isExpired = Date.parse(expiresAt) <= useNow()
  const lookAgain = () => queryClient.invalidateQueries(changePreviewQuery(asked))

  async function change(idempotencyKey: string) {
    const promotionCode = 'promotionCode' in asked ? asked.promotionCode : undefined
    const body = { quoteId, ...(promotionCode !== undefined && { promotionCode }) }
    const path = '/api/v1/portal/subscription/change'
    const result = await client.post(path, { body, idempotencyKey })
    if (result.kind === 'checkout') {
      leaveFor(result.url)
      return
    }
    if (result.kind === 'awaiting_payment' && result.paymentUrl !== null) {
      leaveFor(result.paymentUrl)
      return
    }
    await refresh()
    await navigate({ to: paths.billing })
    queryClient.removeQueries({ queryKey: ['change'] })
    if (result.kind === 'applied' || result.kind === 'scheduled') announce({ title: words.done })
  }

  return (
    <Stack gap={4}>
      {problem !== undefined && <ProblemBanner problem={problem} />}
      <Stack direction="row" gap={3} canWrap>
        {isExpired || problem !== undefined ? (
          <Button variant="primary" icon="refresh" onClick={() => void lookAgain()}>
            Work it out again
          </Button>
        ) : (
          <Button
            variant="primary"
            isPending={isPending || isLeaving}
            disabledReason={disabledReason}
            onClick={() => void submit(change)}
          >
            {words.verb}
          </Button>
        )}
        <ButtonLink to={leave}>{words.keep}</ButtonLink>
      </Stack>
    </Stack>
  )
}
