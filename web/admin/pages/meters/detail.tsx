import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, notFound } from '@tanstack/react-router'
import { Card } from '../../../ui/card.tsx'
import { CodeBlock } from '../../../ui/code-block.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { ButtonLink, Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { paths } from '../../paths.ts'
import { featuresQuery, metersQuery, plansQuery } from '../../queries.ts'
import { PlanLinks } from './page.tsx'
import {
  exampleEvent,
  type Feature,
  featuresOf,
  measureWords,
  type Meter,
  type PlanUse,
  plansWith,
} from './present-meter.ts'

const route = getRouteApi('/app/meters/$meterKey')

type Row = Feature & { readonly plans: readonly PlanUse[] }

const COLUMNS: readonly Column<Row>[] = [
  { key: 'name', header: 'Feature', cell: (feature) => feature.name },
  { key: 'key', header: 'Key', cell: (feature) => <code>{feature.key}</code> },
  { key: 'plans', header: 'In plans', cell: (feature) => <PlanLinks plans={feature.plans} /> },
]

export function MeterPage() {
  const { meterKey } = route.useParams()
  const { data: meters } = useSuspenseQuery(metersQuery)
  const { data: features } = useSuspenseQuery(featuresQuery)
  const { data: plans } = useSuspenseQuery(plansQuery)
  const meter = meters.data.find(({ key }) => key === meterKey)
  if (meter === undefined) throw notFound()
  const rows = featuresOf(meterKey, features.data).map((feature) => ({
    ...feature,
    plans: plansWith(feature.key, plans.data),
  }))
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={<Link to={paths.meters}>Meters & features</Link>}
        title={meter.name}
        description={<CopyText text={meter.key} label="meter key" isWhole />}
      />
      <Grid gap={4} columns="3fr 2fr">
        <Stack gap={4}>
          <Definition meter={meter} />
          <Card isFlush title="Where it is used">
            <DataTable
              label="Features it counts"
              columns={COLUMNS}
              rows={rows}
              rowKey={(feature) => feature.key}
              empty={
                <EmptyState
                  icon="flag"
                  title="No feature uses it"
                  description="Plans grant features, not meters. Create one that this meter counts."
                  action={
                    <ButtonLink to={paths.meters} search={{ tab: 'features', act: 'create' }}>
                      New feature
                    </ButtonLink>
                  }
                />
              }
            />
          </Card>
        </Stack>
        <CodeBlock
          label="An event it counts"
          samples={[{ language: 'json', label: 'An event it counts', source: exampleEvent(meter) }]}
          footer="Calls through the gateway become such events by themselves."
        />
      </Grid>
    </Stack>
  )
}

function Definition({ meter }: { readonly meter: Meter }) {
  const dimensions = Object.entries(meter.groupBy)
  const filters = Object.entries(meter.filters)
  return (
    <Card title="Definition">
      <KeyValueList
        items={[
          { label: 'Measures', value: measureWords(meter) },
          { label: 'Unit', value: meter.unit },
          {
            label: 'Only events with',
            value:
              filters.length === 0
                ? 'anything'
                : filters
                    .map(([property, values]) => `${property}: ${values.join(' or ')}`)
                    .join('; '),
          },
          {
            label: 'Dimensions',
            value: dimensions.length === 0 ? 'none' : dimensions.map(([name]) => name).join(', '),
          },
          { label: 'Created', value: <Time at={meter.createdAt} as="date" /> },
        ]}
      />
    </Card>
  )
}
