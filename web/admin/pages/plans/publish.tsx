import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { featuresQuery, metersQuery, plansQuery, publishPreviewQuery } from '../../queries.ts'
import { compareVersions, type Difference } from './compare-versions.ts'
import { Lines } from './definition.tsx'
import styles from './definition.module.css'
import { DriftBanner } from './drift-banner.tsx'
import {
  type Effect,
  effectOf,
  effectsSentence,
  inOrder,
  type PlanVersion,
  priceOf,
  type PublishPreview,
  unitOf,
} from './present-plan.ts'
import { DIFFERENCE_HEADS, EFFECT_HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/plans/$planKey/publish')

const EFFECTS: readonly Column<Effect>[] = withCells(EFFECT_HEADS, {
  what: (effect) => {
    const { word, tone } = effectOf(effect)
    return <Badge tone={tone}>{word}</Badge>
  },
  subject: ({ subject }) => subject,
  note: ({ note }) => (note === null ? '–' : <p className={styles.lines}>{note}</p>),
  stripe: ({ stripeId }) =>
    stripeId === null ? '–' : <CopyText text={stripeId} label="Stripe id" />,
})

/** The last look before a plan is on sale: what it does in Stripe, and to whom. */
export function PublishPage() {
  const { planKey } = route.useParams()
  const { data: preview } = useSuspenseQuery(publishPreviewQuery(planKey))
  const { version, problems, warnings, effects, subscribersStaying } = preview
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={
          <>
            <Link to={paths.plans}>Plans</Link>
            <Link to={paths.plan} params={{ planKey }}>
              {version.definition.name}
            </Link>
          </>
        }
        title={`Publish version ${version.version}`}
        description={`${version.definition.name}, ${priceOf(version)}`}
        actions={<Publish planKey={planKey} preview={preview} />}
      />
      {problems.length > 0 && (
        <Banner tone="danger" title="It cannot be published like this">
          <Remarks remarks={problems} />
        </Banner>
      )}
      <DriftBanner planKey={planKey} />
      {warnings.length > 0 && (
        <Banner tone="warning" title="It can be published, and may surprise somebody">
          <Remarks remarks={warnings} />
        </Banner>
      )}
      <Banner
        tone="info"
        title={
          subscribersStaying === 0
            ? 'Nobody has an earlier version'
            : `${countOf(subscribersStaying, 'subscription')} stay on the version they have`
        }
      >
        {subscribersStaying === 0
          ? 'Everybody who subscribes from now on gets this one.'
          : 'Nothing changes for them. Everybody who subscribes from now on gets this one.'}
      </Banner>
      <Changes planKey={planKey} version={version} />
      <Card isFlush title="In Stripe" description={effectsSentence(effects)}>
        <DataTable
          label="What publishing does"
          columns={EFFECTS}
          rows={inOrder(effects)}
          rowKey={({ kind, subject, note }) => `${kind} ${subject} ${note}`}
          empty={
            <EmptyState
              icon="check-circle"
              title="Nothing to do in Stripe"
              description="This plan is billed without products and prices there."
            />
          }
        />
      </Card>
    </Stack>
  )
}

interface ChangesProps {
  readonly planKey: string
  readonly version: PlanVersion
}

const DIFFERENCES: readonly Column<Difference>[] = withCells(DIFFERENCE_HEADS, {
  what: ({ what }) => what,
  before: ({ before }) => <Lines lines={before} />,
  after: ({ after }) => <Lines lines={after} />,
})

/** Beside the version on sale; the first one has nothing to be compared with. */
function Changes({ planKey, version }: ChangesProps) {
  const { data: plans } = useSuspenseQuery(plansQuery)
  const { data: features } = useSuspenseQuery(featuresQuery)
  const { data: meters } = useSuspenseQuery(metersQuery)
  const onSale = plans.data.find(({ key }) => key === planKey)?.active
  if (onSale === null || onSale === undefined) return null
  const differences = compareVersions(onSale, version, (featureKey) =>
    unitOf(featureKey, features.data, meters.data),
  )
  return (
    <Card
      isFlush
      title="What changes"
      description={`Against version ${onSale.version}, on sale now.`}
    >
      <DataTable
        label="What changes"
        columns={DIFFERENCES}
        rows={differences}
        rowKey={({ what }) => what}
        empty={
          <EmptyState
            icon="check-circle"
            title="Customers would notice nothing"
            description="Prices, quotas and terms are those of the version on sale."
          />
        }
      />
    </Card>
  )
}

function Remarks({ remarks }: { readonly remarks: PublishPreview['warnings'] }) {
  return (
    <ul>
      {remarks.map(({ path, message }) => (
        <li key={`${path} ${message}`}>
          <code>{path}</code>: {message}
        </li>
      ))}
    </ul>
  )
}

interface PublishProps {
  readonly planKey: string
  readonly preview: PublishPreview
}

function Publish({ planKey, preview }: PublishProps) {
  const { version, problems, effects, subscribersStaying } = preview
  const queryClient = useQueryClient()
  const navigate = route.useNavigate()
  const refusal = useRefusal('catalog.write')
  const { name } = version.definition
  return (
    <ConfirmDialog
      title={`Publish ${name}?`}
      object={[
        { label: 'Plan', value: `${name}, version ${version.version}` },
        { label: 'Price', value: priceOf(version) },
      ]}
      consequences={[
        `In Stripe: ${effectsSentence(effects)}`,
        'New subscriptions get this version from now on.',
        subscribersStaying === 0
          ? 'It can never be changed again, only followed by another version.'
          : `${countOf(subscribersStaying, 'subscription')} stay on the version they have.`,
      ]}
      verb="Publish plan"
      tone="primary"
      trigger={
        <Button
          variant="primary"
          disabledReason={
            refusal ?? (problems.length > 0 ? 'Solve the problems below first.' : undefined)
          }
        >
          Publish
        </Button>
      }
      onConfirm={async ({ idempotencyKey }) => {
        await client.post('/api/v1/plans/{planKey}/publish', {
          params: { planKey },
          idempotencyKey,
        })
        await navigate({ to: paths.plan, params: { planKey } })
        announce({ title: `${name} is on sale`, description: `Version ${version.version}` })
        await Promise.all(
          ['plans', 'summary', 'audit'].map((key) =>
            queryClient.invalidateQueries({ queryKey: [key] }),
          ),
        )
      }}
    />
  )
}
