import { Amount } from '../../../ui/amount.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { useDeparture } from '../../../ui/departure.ts'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { useSubmission } from '../../../ui/submission.ts'
import { client } from '../../api.ts'
import { useWhyNotPayer } from '../billing/why-not-payer.ts'
import { type Pack, packWords } from './present-credits.ts'

/** Credits on sale; buying leads to the payment page. */
export function Packs({ packs }: { readonly packs: readonly Pack[] }) {
  return (
    <Card title="Buy credits" description="Paid once, used until they are gone or expire.">
      <KeyValueList
        items={packs.map((pack) => ({ label: pack.name, value: <BuyPack pack={pack} /> }))}
      />
    </Card>
  )
}

function BuyPack({ pack }: { readonly pack: Pack }) {
  const disabledReason = useWhyNotPayer()
  const { submit, isPending, problem } = useSubmission()
  const { isLeaving, leaveFor } = useDeparture()

  async function buy(idempotencyKey: string) {
    const body = { packKey: pack.key }
    const path = '/api/v1/portal/credit-purchases'
    const { checkoutUrl } = await client.post(path, { body, idempotencyKey })
    if (checkoutUrl !== null) leaveFor(checkoutUrl)
  }

  return (
    <Stack gap={3}>
      <Stack direction="row" gap={4} justify="between" canWrap>
        <span>{packWords(pack)}</span>
        <Stack direction="row" gap={3}>
          <Amount value={pack.price} />
          <Button
            size="sm"
            aria-label={`Buy ${pack.name}`}
            isPending={isPending || isLeaving}
            disabledReason={disabledReason}
            onClick={() => void submit(buy)}
          >
            Buy
          </Button>
        </Stack>
      </Stack>
      {problem !== undefined && <ProblemBanner problem={problem} />}
    </Stack>
  )
}
