import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, notFound } from '@tanstack/react-router'
import { useState } from 'react'
import { Banner } from '../../../ui/banner.tsx'
import { Card } from '../../../ui/card.tsx'
import { Form, SubmitButton } from '../../../ui/form.tsx'
import { countOf } from '../../../ui/format.ts'
import { Grid } from '../../../ui/grid.tsx'
import { ButtonLink, Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { client } from '../../api.ts'
import { EditChoice, EditWhole } from '../../edit-fields.tsx'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { type MigrationRequest, migrationPreviewQuery } from '../../money-queries.ts'
import { plansQuery, planVersionsQuery } from '../../queries.ts'
import { nameOf } from '../plans/present-plan.ts'
import { DryRun } from './dry-run.tsx'
import { outcomeOf } from './present-migration.ts'

const route = getRouteApi('/app/plans/$planKey/migrate')

const TIMINGS = [
  { value: 'at_renewal', label: 'At their renewal', description: 'Nothing is prorated' },
  { value: 'immediate', label: 'At once', description: 'When the notice is over' },
] as const

const EVERY = 'every'

/** Whom to move to which version, and what that comes to for each of them, before anybody is told. */
export function StartMigration() {
  const { planKey } = route.useParams()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const refusal = useRefusal('subscriptions.write')
  const { data: plans } = useSuspenseQuery(plansQuery)
  const { data: versions } = useSuspenseQuery(planVersionsQuery(planKey))
  const plan = plans.data.find(({ key }) => key === planKey)
  if (plan === undefined) throw notFound()

  const published = versions.data.filter(({ publishedAt }) => publishedAt !== null)
  const currencies = [...new Set(published.flatMap(({ definition }) => definition.currencies))]
  const [to, setTo] = useState(String(plan.active?.version ?? published[0]?.version ?? 1))
  const [from, setFrom] = useState(EVERY)
  const [currency, setCurrency] = useState(EVERY)
  const [timing, setTiming] = useState<(typeof TIMINGS)[number]['value']>('at_renewal')
  const [noticeDays, setNoticeDays] = useState(30)
  const [leftOut, setLeftOut] = useState<ReadonlySet<string>>(new Set())

  const request: MigrationRequest = {
    toVersion: Number(to),
    timing,
    noticeDays: Number.isNaN(noticeDays) ? 0 : noticeDays,
    audience: {
      fromVersions: from === EVERY ? null : [Number(from)],
      currency: currency === EVERY ? null : currency,
    },
  }
  const dryRun = useQuery({
    ...migrationPreviewQuery(planKey, request),
    enabled: refusal === undefined && published.length > 0,
  })
  const { data: preview } = dryRun
  const outcome = preview && outcomeOf(preview.members, leftOut)
  const moving = preview && outcome ? preview.memberCount - outcome.left - outcome.refused : 0
  const others = published.filter(({ version }) => String(version) !== to)
  const versionOptions = (list: typeof published) =>
    list.map(({ version }) => ({ value: String(version), label: `Version ${version}` }))

  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={
          <Link to={paths.plan} params={{ planKey }}>
            {nameOf(plan)}
          </Link>
        }
        title="Move subscribers"
        description="Each is told by mail, and moved when the notice is over. Until then nothing changes for them."
      />
      {published.length < 2 && (
        <Banner
          tone="info"
          title="There is one version only"
          action={
            <ButtonLink size="sm" to={paths.plan} params={{ planKey }}>
              Back to the plan
            </ButtonLink>
          }
        >
          Publish the next version first; then its subscribers can be moved to it.
        </Banner>
      )}
      <Form
        onSubmit={async (_, { idempotencyKey }) => {
          const body = {
            ...request,
            audience: { ...request.audience, excludedCustomerIds: [...leftOut] },
          }
          const { id } = await client.post('/api/v1/plans/{planKey}/migrations', {
            params: { planKey },
            body,
            idempotencyKey,
          })
          await Promise.all(
            ['migrations', 'subscriptions', 'audit'].map((key) =>
              queryClient.invalidateQueries({ queryKey: [key] }),
            ),
          )
          await navigate({ to: paths.migration, params: { migrationId: id } })
        }}
      >
        <Stack gap={4}>
          <Card title="Who, where to, and when">
            <Grid gap={4} minWidth="12rem">
              <EditChoice
                name="toVersion"
                label="To"
                options={versionOptions(published)}
                value={to}
                onChange={setTo}
              />
              <EditChoice
                name="audience.fromVersions"
                label="Those who have"
                options={[
                  { value: EVERY, label: 'Every other version' },
                  ...versionOptions(others),
                ]}
                value={from}
                onChange={setFrom}
              />
              {currencies.length > 1 && (
                <EditChoice
                  name="audience.currency"
                  label="And pay in"
                  options={[
                    { value: EVERY, label: 'Every currency' },
                    ...currencies.map((code) => ({ value: code, label: code.toUpperCase() })),
                  ]}
                  value={currency}
                  onChange={setCurrency}
                />
              )}
              <EditChoice
                name="timing"
                label="When"
                options={TIMINGS}
                value={timing}
                onChange={setTiming}
              />
              <EditWhole
                name="noticeDays"
                label="Notice"
                suffix="days"
                max={366}
                value={noticeDays}
                onChange={setNoticeDays}
              />
            </Grid>
          </Card>
          <DryRun dryRun={dryRun} leftOut={leftOut} onLeaveOut={setLeftOut} refusal={refusal} />
          <Stack direction="row" gap={3} justify="end">
            <ButtonLink to={paths.plan} params={{ planKey }}>
              Cancel
            </ButtonLink>
            <SubmitButton
              disabledReason={
                refusal ??
                (preview === undefined || dryRun.isFetching
                  ? 'Wait for the dry run first.'
                  : moving === 0
                    ? 'Nobody would be moved.'
                    : undefined)
              }
            >
              {moving === 0 ? 'Start migration' : `Move ${countOf(moving, 'subscriber')}`}
            </SubmitButton>
          </Stack>
        </Stack>
      </Form>
    </Stack>
  )
}
