import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Link } from '../../ui/link.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Stack } from '../../ui/stack.tsx'
import { Stat } from '../../ui/stat.tsx'
import { TimeSeries } from '../../ui/time-series.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import { CALLS_PER_DAY, HISTORY } from '../samples.ts'

const REVENUE = {
  times: CALLS_PER_DAY.map(({ at }) => at),
  grain: 'day' as const,
  unit: 'dollars',
  series: [
    { key: 'base', label: 'Base fees', values: CALLS_PER_DAY.map(({ value }) => String(value)) },
    {
      key: 'usage',
      label: 'Usage',
      values: CALLS_PER_DAY.map(({ value }) => String(Math.round(value * 0.4))),
    },
  ],
}

const NUMBERS = [
  { label: 'MRR', value: '$48,210', change: 0.042 },
  { label: 'Active customers', value: '312', change: 0.018 },
  { label: 'Net churn', value: '0.9%', change: -0.002, isGoodWhenUp: false },
  { label: 'Trial conversion', value: '38%', change: 0.05 },
  { label: 'Payment failures', value: '1.4%', change: 0.003, isGoodWhenUp: false },
  { label: 'Quota denials', value: '2,104', change: 0 },
]

const TODO = [
  {
    tone: 'danger' as const,
    badge: 'today',
    text: 'Dispute over $99.00 needs evidence',
    to: '/disputes',
  },
  { tone: 'warning' as const, badge: '3', text: 'webhook events failed for good', to: '/webhooks' },
  {
    tone: 'neutral' as const,
    badge: '2',
    text: 'findings of the last reconciliation',
    to: '/stripe',
  },
]

export function AdminHome() {
  return (
    <Stack gap={4}>
      <PageHeader title="Home" actions={<Button>Last 30 days</Button>} />
      <Grid gap={3} minWidth="10rem">
        {NUMBERS.map((number) => (
          <Card key={number.label}>
            <Stat {...number} />
          </Card>
        ))}
      </Grid>
      <Grid gap={4} columns="2fr 1fr">
        <Card title="Revenue per day">
          <TimeSeries label="Revenue per day" data={REVENUE} />
        </Card>
        <Stack gap={4}>
          <Card title="To do">
            <Stack gap={3}>
              {TODO.map((item) => (
                <Stack key={item.text} direction="row" gap={2}>
                  <Badge tone={item.tone}>{item.badge}</Badge>
                  <Link to={item.to}>{item.text}</Link>
                </Stack>
              ))}
            </Stack>
          </Card>
          <Card title="Lately">
            <Timeline label="Lately" entries={HISTORY.slice(0, 3)} />
          </Card>
        </Stack>
      </Grid>
    </Stack>
  )
}
