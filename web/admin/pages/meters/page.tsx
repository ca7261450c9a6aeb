import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Card } from '../../../ui/card.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { Link, RowLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Tabs } from '../../../ui/tabs.tsx'
import { Time } from '../../../ui/time.tsx'
import { paths } from '../../paths.ts'
import { featuresQuery, metersQuery, plansQuery } from '../../queries.ts'
import { CreateFeature } from './create-feature.tsx'
import { CreateMeter } from './create-meter.tsx'
import {
  type Feature,
  featuresOf,
  measureWords,
  type Meter,
  type PlanUse,
  plansWith,
} from './present-meter.ts'
import { FEATURE_HEADS, METER_HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/meters')

type MeterRow = Meter & { readonly featureCount: number }
type FeatureRow = Feature & {
  readonly plans: readonly PlanUse[]
  readonly meterName: string | undefined
}

const METERS: readonly Column<MeterRow>[] = withCells(METER_HEADS, {
  name: (meter) => (
    <RowLink to={paths.meter} params={{ meterKey: meter.key }}>
      {meter.name}
    </RowLink>
  ),
  key: (meter) => <code>{meter.key}</code>,
  measure: (meter) => measureWords(meter),
  unit: (meter) => meter.unit,
  used: (meter) => meter.featureCount,
})

const FEATURES: readonly Column<FeatureRow>[] = withCells(FEATURE_HEADS, {
  name: (feature) => feature.name,
  key: (feature) => <code>{feature.key}</code>,
  meter: ({ meterKey, meterName }) =>
    meterKey === null ? (
      'nothing: on or off'
    ) : (
      <Link to={paths.meter} params={{ meterKey }}>
        {meterName ?? meterKey}
      </Link>
    ),
  plans: ({ plans }) => <PlanLinks plans={plans} />,
  since: (feature) => <Time at={feature.createdAt} as="date" />,
})

export function MetersPage() {
  const { tab = 'meters', act } = route.useSearch()
  const navigate = route.useNavigate()
  const { data: meters } = useSuspenseQuery(metersQuery)
  const { data: features } = useSuspenseQuery(featuresQuery)
  const dialog = {
    isOpen: act === 'create',
    onOpenChange: (isOpen: boolean) =>
      void navigate({
        search: { ...(tab === 'features' && { tab }), ...(isOpen && { act: 'create' as const }) },
        replace: true,
      }),
  }
  const isMeters = tab === 'meters'
  const create = isMeters ? (
    <CreateMeter {...dialog} />
  ) : (
    <CreateFeature {...dialog} meters={meters.data} />
  )
  const isEmpty = (isMeters ? meters : features).data.length === 0
  return (
    <Stack gap={4}>
      <PageHeader title="Meters & features" actions={!isEmpty && create} />
      <Tabs
        label="Meters & features"
        value={tab}
        onChange={(next) => void navigate({ search: next === 'meters' ? {} : { tab: next } })}
        tabs={[
          {
            value: 'meters',
            label: 'Meters',
            count: meters.data.length,
            content: <MeterList create={isMeters && create} />,
          },
          {
            value: 'features',
            label: 'Features',
            count: features.data.length,
            content: <FeatureList create={!isMeters && create} />,
          },
        ]}
      />
    </Stack>
  )
}

function MeterList({ create }: { readonly create: ReactNode }) {
  const { data: meters } = useSuspenseQuery(metersQuery)
  const { data: features } = useSuspenseQuery(featuresQuery)
  const rows = meters.data.map((meter) => ({
    ...meter,
    featureCount: featuresOf(meter.key, features.data).length,
  }))
  return (
    <Card isFlush>
      <DataTable
        label="Meters"
        columns={METERS}
        rows={rows}
        rowKey={(meter) => meter.key}
        empty={
          <EmptyState
            icon="gauge"
            title="Nothing is measured yet"
            description="A meter turns usage events into a number: requests counted, tokens summed, gigabytes kept."
            action={create}
          />
        }
        footer={<Pagination summary={countOf(rows.length, 'meter')} />}
      />
    </Card>
  )
}

function FeatureList({ create }: { readonly create: ReactNode }) {
  const { data: features } = useSuspenseQuery(featuresQuery)
  const { data: meters } = useSuspenseQuery(metersQuery)
  const { data: plans } = useSuspenseQuery(plansQuery)
  const rows = features.data.map((feature) => ({
    ...feature,
    plans: plansWith(feature.key, plans.data),
    meterName: meters.data.find(({ key }) => key === feature.meterKey)?.name,
  }))
  return (
    <Card isFlush>
      <DataTable
        label="Features"
        columns={FEATURES}
        rows={rows}
        rowKey={(feature) => feature.key}
        empty={
          <EmptyState
            icon="flag"
            title="No features yet"
            description="A feature is what a plan can grant: an amount of something measured, or simply the right to it."
            action={create}
          />
        }
        footer={<Pagination summary={countOf(rows.length, 'feature')} />}
      />
    </Card>
  )
}

export function PlanLinks({ plans }: { readonly plans: readonly PlanUse[] }) {
  if (plans.length === 0) return 'none'
  return (
    <Stack direction="row" gap={2} canWrap>
      {plans.map(({ planKey, planName }) => (
        <Link key={planKey} to={paths.plan} params={{ planKey }}>
          {planName}
        </Link>
      ))}
    </Stack>
  )
}
