import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import type { CreditAccount } from '../../../ui/credit-words.ts'
import { formatQuantity } from '../../../ui/format.ts'
import { KeyValueList } from '../../../ui/key-value-list.tsx'

interface TopUpCardProps {
  readonly topUp: NonNullable<CreditAccount['topUp']>
}

/** What the customer lets be bought by itself; only they can change it, in the portal. */
export function TopUpCard({ topUp }: TopUpCardProps) {
  const { isEnabled, packKey, quantity, threshold, maximumPerDay, maximumPerMonth } = topUp
  const most = (maximum: string | null) => (maximum === null ? 'no limit' : formatQuantity(maximum))
  return (
    <Card title="Bought by itself" description="Set by the customer, who pays for it.">
      <KeyValueList
        isStacked
        items={[
          {
            label: 'State',
            value: (
              <Badge tone={isEnabled ? 'success' : 'neutral'}>{isEnabled ? 'on' : 'off'}</Badge>
            ),
          },
          { label: 'Buys', value: `${quantity} × ${packKey}` },
          { label: 'When there is less than', value: formatQuantity(threshold) },
          { label: 'At most a day', value: most(maximumPerDay) },
          { label: 'At most a month', value: most(maximumPerMonth) },
        ]}
      />
    </Card>
  )
}
