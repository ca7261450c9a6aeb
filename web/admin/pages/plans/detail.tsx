import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, notFound } from '@tanstack/react-router'
import { useState } from 'react'
import { Badge } from '../../../ui/badge.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Card } from '../../../ui/card.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { countOf } from '../../../ui/format.ts'
import { Grid } from '../../../ui/grid.tsx'
import { ButtonLink, Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { SegmentedControl } from '../../../ui/segmented-control.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { paths } from '../../paths.ts'
import { plansQuery, planVersionsQuery } from '../../queries.ts'
import { PlanPrices, PlanTerms } from './definition.tsx'
import styles from './detail.module.css'
import { InvitationsCard } from './invitations/invitations-card.tsx'
import { PlanActions } from './plan-actions.tsx'
import { nameOf, type PlanVersion, priceOf, standingsOf, versionStateOf } from './present-plan.ts'

const route = getRouteApi('/app/plans/$planKey')

export function PlanPage() {
  const { planKey } = route.useParams()
  const { version: asked } = route.useSearch()
  const { data: plans } = useSuspenseQuery(plansQuery)
  const { data: versions } = useSuspenseQuery(planVersionsQuery(planKey))
  const plan = plans.data.find(({ key }) => key === planKey)
  const [newest] = versions.data
  if (plan === undefined || newest === undefined) throw notFound()
  const shown = versions.data.find(({ version }) => String(version) === asked) ?? newest
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={<Link to={paths.plans}>Plans</Link>}
        title={nameOf(plan)}
        badges={standingsOf(plan).map(({ word, tone }) => (
          <Badge key={word} tone={tone}>
            {word}
          </Badge>
        ))}
        description={
          <Stack direction="row" gap={4} canWrap>
            <CopyText text={plan.key} label="plan key" isWhole />
            {shown.definition.addOn === null ? (
              <Link to={paths.subscriptions} search={{ planKey, state: 'open' }}>
                {countOf(plan.subscriberCount, 'subscription')}
              </Link>
            ) : (
              <span>{`on top of ${countOf(plan.subscriberCount, 'subscription')}`}</span>
            )}
          </Stack>
        }
        actions={<PlanActions plan={plan} />}
      />
      {shown.state === 'archived' && (
        <Banner tone="neutral" title={`Version ${shown.version} is no longer sold`}>
          Whoever subscribed to it keeps it. New subscriptions get what is on sale.
        </Banner>
      )}
      {shown.state === 'draft' && (
        <Banner
          tone="info"
          title={`Version ${shown.version} is a draft`}
          action={
            <ButtonLink size="sm" to={paths.planPublish} params={{ planKey }}>
              See what publishing does
            </ButtonLink>
          }
        >
          Nobody can subscribe to it before it is published.
        </Banner>
      )}
      <Grid gap={4} columns="3fr 1fr">
        <Shown version={shown} key={shown.id} />
        <Versions versions={versions.data} shown={shown} />
      </Grid>
      {(plan.active ?? newest).definition.visibility === 'private' && (
        <InvitationsCard planKey={planKey} isOnSale={plan.active !== null} />
      )}
    </Stack>
  )
}

function Shown({ version }: { readonly version: PlanVersion }) {
  const { currencies } = version.definition
  const [currency, setCurrency] = useState(currencies[0] ?? 'usd')
  return (
    <Stack gap={4}>
      {currencies.length > 1 && (
        <SegmentedControl
          label="Currency"
          value={currency}
          onChange={setCurrency}
          options={currencies.map((value) => ({ value, label: value.toUpperCase() }))}
        />
      )}
      <PlanPrices version={version} currency={currency} />
      <PlanTerms version={version} />
    </Stack>
  )
}

interface VersionsProps {
  readonly versions: readonly PlanVersion[]
  readonly shown: PlanVersion
}

function Versions({ versions, shown }: VersionsProps) {
  return (
    <Card title="Versions">
      <ol className={styles.versions}>
        {versions.map((version) => {
          const { word, tone } = versionStateOf(version)
          const at = version.publishedAt ?? version.createdAt
          return (
            <li
              key={version.id}
              className={styles.version}
              data-shown={version.id === shown.id || undefined}
            >
              <Stack direction="row" gap={2} justify="between">
                <Link
                  to={paths.plan}
                  params={{ planKey: version.planKey }}
                  search={{ version: String(version.version) }}
                  replace
                  {...(version.id === shown.id && { 'aria-current': 'true' as const })}
                >
                  Version {version.version}
                </Link>
                <Badge tone={tone}>{word}</Badge>
              </Stack>
              <p className={styles.note}>
                {priceOf(version)}, {version.publishedAt === null ? 'begun' : 'published'}{' '}
                <Time at={at} as="date" />
              </p>
            </li>
          )
        })}
      </ol>
    </Card>
  )
}
