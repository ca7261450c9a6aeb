import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { Button } from '../../../ui/button.tsx'
import { Form, SubmitButton } from '../../../ui/form.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Switch } from '../../../ui/switch.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { EditChoice, EditOptionalText, EditText, EditWhole } from '../../edit-fields.tsx'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { routeQuery, upstreamsQuery } from '../../queries.ts'
import { matchWords, parseMethods, type Route } from './present-routing.ts'
import { RouteCosts } from './route-costs.tsx'
import { RouteLimits } from './route-limits.tsx'

const route = getRouteApi('/app/routes/$routeKey')

const KINDS = [
  { value: 'prefix', label: 'The path and below', description: '/v1 takes /v1 and /v1/…' },
  { value: 'exact', label: 'Exactly the path', description: 'Nothing below it' },
  { value: 'pattern', label: 'A pattern', description: '/v1/items/{id}, and * for the rest' },
] as const

export function RoutePage() {
  const { routeKey } = route.useParams()
  const { data } = useSuspenseQuery(routeQuery(routeKey))
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={<Link to={paths.routes}>Routes & upstreams</Link>}
        title={matchWords(data)}
        badges={
          <Badge tone={data.isEnabled ? 'success' : 'neutral'}>
            {data.isEnabled ? 'on' : 'off'}
          </Badge>
        }
        description={<CopyText text={data.key} label="route key" isWhole />}
        actions={<RemoveRoute routeKey={routeKey} />}
      />
      <RouteForm saved={data} key={data.key} />
    </Stack>
  )
}

function RouteForm({ saved }: { readonly saved: Route }) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('settings.write')
  const [edited, setEdited] = useState(saved)
  const change = (patch: Partial<Route>) => setEdited({ ...edited, ...patch })
  const changePolicy = (patch: Partial<Route['policy']>) =>
    setEdited({ ...edited, policy: { ...edited.policy, ...patch } })
  return (
    <Form
      onSubmit={async (_, { idempotencyKey }) => {
        const { key: routeKey, ...body } = edited
        const next = await client.put('/api/v1/routes/{routeKey}', {
          params: { routeKey },
          body,
          idempotencyKey,
        })
        setEdited(next)
        await queryClient.invalidateQueries({ queryKey: ['routing'] })
        announce({ title: 'Route saved', description: 'Gateways use it within a second.' })
      }}
    >
      <Matching edited={edited} change={change} />
      <Target edited={edited} change={change} changePolicy={changePolicy} />
      <RouteCosts policy={edited.policy} change={changePolicy} />
      <RouteLimits policy={edited.policy} change={changePolicy} />
      <Actions>
        <SubmitButton disabledReason={refusal}>Save route</SubmitButton>
      </Actions>
    </Form>
  )
}

function Actions({ children }: { readonly children: ReactNode }) {
  return (
    <Stack direction="row" justify="end">
      {children}
    </Stack>
  )
}

interface PartProps {
  readonly edited: Route
  readonly change: (patch: Partial<Route>) => void
}

function Matching({ edited, change }: PartProps) {
  const { match, host, methods, position, isEnabled } = edited
  const [typed, setTyped] = useState(methods.join(', '))
  return (
    <Card title="Requests it takes">
      <Stack gap={4}>
        <Switch
          label="On"
          description="Switched off, the next route that matches takes its requests."
          isOn={isEnabled}
          onChange={(next) => change({ isEnabled: next })}
        />
        <Grid gap={4} columns="1fr 2fr">
          <EditChoice
            name="match.kind"
            label="Match"
            options={KINDS}
            value={match.kind}
            onChange={(kind) => change({ match: { ...match, kind } })}
          />
          <EditText
            required
            isMono
            name="match.path"
            label="Path"
            value={match.path}
            onChange={(path) => change({ match: { ...match, path } })}
          />
        </Grid>
        <Grid gap={4} columns="1fr 1fr 1fr">
          <EditText
            isMono
            name="methods"
            label="Methods"
            placeholder="any"
            hint="Separated by commas. Empty takes any."
            value={typed}
            onChange={(text) => {
              setTyped(text)
              change({ methods: parseMethods(text) })
            }}
          />
          <EditOptionalText
            isMono
            name="host"
            label="Host"
            placeholder="any"
            hint="api.example.com or *.example.com"
            value={host}
            onChange={(next) => change({ host: next })}
          />
          <EditWhole
            name="position"
            label="Position"
            hint="Lower is tried first."
            value={position}
            onChange={(next) => change({ position: next })}
          />
        </Grid>
      </Stack>
    </Card>
  )
}

interface TargetProps extends PartProps {
  readonly changePolicy: (patch: Partial<Route['policy']>) => void
}

function Target({ edited, change, changePolicy }: TargetProps) {
  const { data: upstreams } = useSuspenseQuery(upstreamsQuery)
  return (
    <Card title="Where they go">
      <Grid gap={4} columns="1fr 1fr 1fr">
        <EditChoice
          name="upstreamKey"
          label="Upstream"
          options={upstreams.data.map(({ key, targets }) => ({
            value: key,
            label: key,
            description: targets[0]?.url ?? '',
          }))}
          value={edited.upstreamKey}
          onChange={(upstreamKey) => change({ upstreamKey })}
        />
        <EditOptionalText
          isMono
          name="rewrite"
          label="As path"
          placeholder="as it came"
          hint="What the matched part of the path becomes."
          value={edited.rewrite}
          onChange={(rewrite) => change({ rewrite })}
        />
        <EditWhole
          name="policy.timeoutMs"
          label="Time-out"
          suffix="ms"
          hint="Until the answer starts, and between two parts of it."
          value={edited.policy.timeoutMs}
          onChange={(timeoutMs) => changePolicy({ timeoutMs })}
        />
      </Grid>
    </Card>
  )
}

function RemoveRoute({ routeKey }: { readonly routeKey: string }) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const refusal = useRefusal('settings.write')
  return (
    <ConfirmDialog
      title="Remove this route?"
      object={[{ label: 'Route', value: <code>{routeKey}</code> }]}
      consequences={[
        'Its requests go to the next route that matches, or get 404.',
        'What was counted through it stays counted.',
      ]}
      verb="Remove route"
      trigger={
        <Button icon="trash" disabledReason={refusal}>
          Remove
        </Button>
      }
      onConfirm={async ({ idempotencyKey }) => {
        await client.delete('/api/v1/routes/{routeKey}', { params: { routeKey }, idempotencyKey })
        await navigate({ to: paths.routes })
        await queryClient.invalidateQueries({ queryKey: ['routing', 'routes'], exact: true })
      }}
    />
  )
}
