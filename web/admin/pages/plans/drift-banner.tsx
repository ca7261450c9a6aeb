import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { countOf } from '../../../ui/format.ts'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import { catalogDriftQuery } from '../../queries.ts'

/** Somebody was at our plans in Stripe. Nothing where all is as it was published, or Stripe cannot be asked. */
export function DriftBanner({ planKey }: { readonly planKey?: string }) {
  const { data } = useQuery(catalogDriftQuery)
  const drifts = (data?.data ?? []).filter(
    (drift) => planKey === undefined || drift.planKey === planKey,
  )
  if (drifts.length === 0) return null
  const repairable = (data?.data ?? []).filter(({ isRepairable }) => isRepairable)
  return (
    <Banner
      tone="warning"
      title={`${countOf(drifts.length, 'thing')} in Stripe ${drifts.length === 1 ? 'is' : 'are'} not as published`}
      action={repairable.length > 0 && <Repair count={repairable.length} />}
    >
      <ul>
        {drifts.map(({ summary, isRepairable, remedy }) => (
          <li key={summary}>
            {summary} {!isRepairable && remedy}
          </li>
        ))}
      </ul>
    </Banner>
  )
}

function Repair({ count }: { readonly count: number }) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('catalog.write')
  return (
    <ConfirmDialog
      title="Put it back in Stripe?"
      object={[{ label: 'In Stripe', value: countOf(count, 'difference') }]}
      consequences={[
        'What was edited, archived or deleted there becomes what is published here, in all plans.',
        'Prices that were made in Stripe and are only linked are left alone.',
      ]}
      verb="Put it back"
      tone="primary"
      trigger={<Button disabledReason={refusal}>Put it back</Button>}
      onConfirm={async ({ idempotencyKey }) => {
        const { repaired } = await client.post('/api/v1/catalog/drift/repair', { idempotencyKey })
        announce({ title: `${countOf(repaired.length, 'thing')} put back in Stripe` })
        await Promise.all(
          ['plans', 'findings', 'audit'].map((key) =>
            queryClient.invalidateQueries({ queryKey: [key] }),
          ),
        )
      }}
    />
  )
}
