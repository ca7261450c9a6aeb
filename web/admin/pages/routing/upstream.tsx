import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { countOf, listOf } from '../../../ui/format.ts'
import { Form, SubmitButton } from '../../../ui/form.tsx'
import { Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { EditText, EditWhole } from '../../edit-fields.tsx'
import { ListEditor } from '../../list-editor.tsx'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { routesQuery, upstreamQuery } from '../../queries.ts'
import type { Upstream } from './present-routing.ts'
import { UpstreamPolicyCards } from './upstream-policy.tsx'

const route = getRouteApi('/app/upstreams/$upstreamKey')

export function UpstreamPage() {
  const { upstreamKey } = route.useParams()
  const { data } = useSuspenseQuery(upstreamQuery(upstreamKey))
  const { data: routes } = useSuspenseQuery(routesQuery)
  const users = routes.data.filter((each) => each.upstreamKey === upstreamKey)
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={
          <Link to={paths.routes} search={{ tab: 'upstreams' }}>
            Routes & upstreams
          </Link>
        }
        title={upstreamKey}
        description={
          users.length === 0
            ? 'No route leads to it.'
            : `${countOf(users.length, 'route')} ${users.length === 1 ? 'leads' : 'lead'} to it: ${listOf(users.map(({ key }) => key))}.`
        }
        actions={<RemoveUpstream upstreamKey={upstreamKey} isUsed={users.length > 0} />}
      />
      <UpstreamForm saved={data} key={data.key} />
    </Stack>
  )
}

function UpstreamForm({ saved }: { readonly saved: Upstream }) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('settings.write')
  const [edited, setEdited] = useState(saved)
  return (
    <Form
      onSubmit={async (_, { idempotencyKey }) => {
        const { key: upstreamKey, ...body } = edited
        const next = await client.put('/api/v1/upstreams/{upstreamKey}', {
          params: { upstreamKey },
          body,
          idempotencyKey,
        })
        setEdited(next)
        await queryClient.invalidateQueries({ queryKey: ['routing'] })
        announce({ title: 'Upstream saved', description: 'Gateways use it within a second.' })
      }}
    >
      <Card
        title="Answered by"
        description="Several addresses share the requests by their weights; one that fails is left out."
      >
        <ListEditor
          label="Addresses"
          items={edited.targets}
          onChange={(targets) => setEdited({ ...edited, targets: [...targets] })}
          makeItem={() => ({ url: '', weight: 1 })}
          addLabel="Add address"
          noun="address"
          empty="Without an address every request is answered with 502."
        >
          {({ url, weight }, edit, index) => (
            <>
              <EditText
                required
                isMono
                type="url"
                name={`targets[${index}].url`}
                label="Address"
                placeholder="https://api.example.com/v2"
                value={url}
                onChange={(next) => edit({ url: next })}
              />
              <EditWhole
                name={`targets[${index}].weight`}
                label="Weight"
                value={weight}
                onChange={(next) => edit({ weight: next })}
              />
            </>
          )}
        </ListEditor>
      </Card>
      <UpstreamPolicyCards
        policy={edited.policy}
        change={(patch) => setEdited({ ...edited, policy: { ...edited.policy, ...patch } })}
      />
      <Stack direction="row" justify="end">
        <SubmitButton disabledReason={refusal}>Save upstream</SubmitButton>
      </Stack>
    </Form>
  )
}

interface RemoveUpstreamProps {
  readonly upstreamKey: string
  readonly isUsed: boolean
}

function RemoveUpstream({ upstreamKey, isUsed }: RemoveUpstreamProps) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const refusal = useRefusal('settings.write')
  const reason = refusal ?? (isUsed ? 'Routes lead to it. Point them elsewhere first.' : undefined)
  return (
    <ConfirmDialog
      title="Remove this upstream?"
      object={[{ label: 'Upstream', value: <code>{upstreamKey}</code> }]}
      consequences={['No route leads to it, so no request is affected.']}
      verb="Remove upstream"
      trigger={
        <Button icon="trash" disabledReason={reason}>
          Remove
        </Button>
      }
      onConfirm={async ({ idempotencyKey }) => {
        await client.delete('/api/v1/upstreams/{upstreamKey}', {
          params: { upstreamKey },
          idempotencyKey,
        })
        await navigate({ to: paths.routes, search: { tab: 'upstreams' } })
        await queryClient.invalidateQueries({ queryKey: ['routing', 'upstreams'], exact: true })
      }}
    />
  )
}
