import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { formatDate } from '../../../ui/format.ts'
import { Grid } from '../../../ui/grid.tsx'
import { Link } from '../../../ui/link.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Stat } from '../../../ui/stat.tsx'
import { paths } from '../../paths.ts'
import { usePlanWords } from '../billing/plan-of.ts'
import { type Subscription, subscriptionState } from '../billing/present-subscription.ts'
import type { Overview } from '../quickstart/has-usage.ts'

interface FactsProps {
  readonly overview: Overview
  readonly subscription: Subscription
}

/** What the account has, until when, and what it costs. */
export function Facts({ subscription }: FactsProps) {
  const { word, tone, next } = subscriptionState(subscription)
  const words = usePlanWords(subscription)
  const { currentPeriod } = subscription
  return (
    <Grid gap={4} minWidth="14rem">
      <Card>
        <Stat
          label="Plan"
          value={subscription.planName}
          note={
            <Stack direction="row" gap={2} canWrap>
              <Badge tone={tone}>{word}</Badge>
              <Link to={paths.billing}>Plan & billing</Link>
            </Stack>
          }
        />
      </Card>
      {words !== undefined && (
        <Card>
          <Stat label="Price" value={words.price.amount} note={words.price.per ?? 'at no charge'} />
        </Card>
      )}
      {currentPeriod !== null && (
        <Card>
          <Stat label="This period ends" value={formatDate(currentPeriod.endsAt)} note={next} />
        </Card>
      )}
    </Grid>
  )
}
