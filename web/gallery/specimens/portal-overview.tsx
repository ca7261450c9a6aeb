import { Amount } from '../../ui/amount.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Banner } from '../../ui/banner.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Grid } from '../../ui/grid.tsx'
import { ButtonLink, Link } from '../../ui/link.tsx'
import { Meter } from '../../ui/meter.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Stack } from '../../ui/stack.tsx'
import { Stat } from '../../ui/stat.tsx'
import { Time } from '../../ui/time.tsx'
import { TimeSeries } from '../../ui/time-series.tsx'
import { ago, CALLS_PER_DAY } from '../samples.ts'

const CALLS = {
  times: CALLS_PER_DAY.map(({ at }) => at),
  grain: 'day' as const,
  unit: 'calls',
  series: [
    { key: 'calls', label: 'Calls', values: CALLS_PER_DAY.map(({ value }) => String(value)) },
  ],
}

export function PortalOverview() {
  return (
    <Stack gap={6}>
      <PageHeader
        title="Overview"
        description="Northwind Labs"
        actions={
          <ButtonLink to="/keys" icon="key">
            API keys
          </ButtonLink>
        }
      />
      <Banner
        tone="warning"
        title="91 % of your tokens are used"
        action={<Button size="sm">See plans</Button>}
      >
        At this pace they last until March 27. Calls beyond the quota are refused.
      </Banner>
      <Grid gap={4} minWidth="14rem">
        <Card>
          <Stat label="Plan" value="Pro" note={<PlanNote />} />
        </Card>
        <Card>
          <Stat
            label="Next invoice"
            value={<Amount value={{ amountMinor: 11_240, currency: 'usd' }} />}
            note={
              <>
                estimated for <Time at={ago(-12)} as="date" />
              </>
            }
          />
        </Card>
        <Card>
          <Stat
            label="Calls this period"
            value="84,112"
            change={0.124}
            note="against the last one"
          />
        </Card>
      </Grid>
      <Card
        title="Included in your plan"
        description="Until April 1"
        actions={<Link to="/billing">Change plan</Link>}
      >
        <Stack gap={6}>
          <Meter
            label="API requests"
            used="41250"
            limit="100000"
            unit="requests"
            note="enough at this pace"
          />
          <Meter
            label="Tokens"
            used="912000"
            limit="1000000"
            unit="tokens"
            note="used up around Mar 27"
          />
        </Stack>
      </Card>
      <Card title="Calls per day" actions={<Link to="/usage">All usage</Link>}>
        <TimeSeries label="Calls per day" data={CALLS} />
      </Card>
    </Stack>
  )
}

function PlanNote() {
  return (
    <Stack direction="row" gap={2}>
      <Badge tone="success">active</Badge>
      <span>$99.00 a month</span>
    </Stack>
  )
}
