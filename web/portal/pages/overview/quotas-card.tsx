import { Card } from '../../../ui/card.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { formatQuantity } from '../../../ui/format.ts'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { Link } from '../../../ui/link.tsx'
import { Meter } from '../../../ui/meter.tsx'
import { plural } from '../../../ui/pricing/price-words.ts'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { type Quota, quotaWords } from './present-quota.ts'

/** How much of what is included is used, and until when it has to last. */
export function QuotasCard({ quotas }: { readonly quotas: readonly Quota[] }) {
  return (
    <Card title="Included in your plan" actions={<Link to={paths.plans}>Compare plans</Link>}>
      <Stack gap={6}>
        {quotas.map((quota) => (
          <QuotaMeter key={quota.featureKey} quota={quota} />
        ))}
      </Stack>
    </Card>
  )
}

/** A bar where something is included; a number where nothing ends or everything is billed. */
export function QuotaMeter({ quota }: { readonly quota: Quota }) {
  const { featureName, used, limit, unit, onLimit } = quota
  const { open, note } = quotaWords(quota, useNow())
  if (open === undefined) {
    return (
      <Meter
        label={featureName}
        used={used}
        limit={limit}
        unit={plural(unit)}
        onLimit={onLimit}
        note={note}
      />
    )
  }
  return (
    <KeyValueList
      isStacked
      items={[
        { label: featureName, value: `${formatQuantity(used)} ${plural(unit)}` },
        { label: open, value: note },
      ]}
    />
  )
}
