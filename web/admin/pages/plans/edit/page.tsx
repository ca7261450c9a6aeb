import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Badge } from '../../../../ui/badge.tsx'
import { EmptyState } from '../../../../ui/empty-state.tsx'
import { Form, SubmitButton } from '../../../../ui/form.tsx'
import { ButtonLink, Link } from '../../../../ui/link.tsx'
import { PageHeader } from '../../../../ui/page-header.tsx'
import { Stack } from '../../../../ui/stack.tsx'
import { client } from '../../../api.ts'
import { paths } from '../../../paths.ts'
import { useRefusal } from '../../../permissions.ts'
import { planVersionsQuery } from '../../../queries.ts'
import type { PlanVersion } from '../present-plan.ts'
import { AddOnTerms } from './add-on.tsx'
import { OpenCard, Phases, type Place } from './phases.tsx'
import { About, Changes, Speeds } from './terms.tsx'

const route = getRouteApi('/app/plans/$planKey/draft')

export function DraftPage() {
  const { planKey } = route.useParams()
  const { data } = useSuspenseQuery(planVersionsQuery(planKey))
  const draft = data.data.find(({ state }) => state === 'draft')
  const name = data.data[0]?.definition.name ?? planKey
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={
          <>
            <Link to={paths.plans}>Plans</Link>
            <Link to={paths.plan} params={{ planKey }}>
              {name}
            </Link>
          </>
        }
        title={draft === undefined ? 'No draft' : `Draft of version ${draft.version}`}
        badges={draft !== undefined && <Badge tone="info">draft</Badge>}
        description="Nothing changes for anybody before it is published."
      />
      {draft === undefined ? (
        <EmptyState
          icon="tag"
          title="There is nothing to edit"
          description="What is published never changes. Start the next version on the plan’s page."
          action={
            <ButtonLink to={paths.plan} params={{ planKey }}>
              {name}
            </ButtonLink>
          }
        />
      ) : (
        <DraftForm draft={draft} key={draft.id} />
      )}
    </Stack>
  )
}

function DraftForm({ draft }: { readonly draft: PlanVersion }) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const refusal = useRefusal('catalog.write')
  const [definition, setDefinition] = useState(draft.definition)
  const [openPlace, setOpenPlace] = useState<Place>()
  const params = { planKey: draft.planKey }
  return (
    <>
      <Form
        onSubmit={async (_, { idempotencyKey }) => {
          await client.put('/api/v1/plans/{planKey}/draft', {
            params,
            body: { revision: draft.revision, definition },
            idempotencyKey,
          })
          await Promise.all(
            ['plans', 'audit'].map((key) => queryClient.invalidateQueries({ queryKey: [key] })),
          )
          await navigate({ to: paths.planPublish, params })
        }}
      >
        <About definition={definition} change={setDefinition} />
        <AddOnTerms planKey={draft.planKey} definition={definition} change={setDefinition} />
        <Phases definition={definition} change={setDefinition} onOpen={setOpenPlace} />
        <Speeds definition={definition} change={setDefinition} />
        {definition.addOn === null && <Changes definition={definition} change={setDefinition} />}
        <Stack direction="row" gap={3} justify="end">
          <ButtonLink to={paths.plan} params={params}>
            Leave unsaved
          </ButtonLink>
          <SubmitButton disabledReason={refusal}>Save and review</SubmitButton>
        </Stack>
      </Form>
      {openPlace !== undefined && (
        <OpenCard
          key={`${openPlace.phase} ${openPlace.card}`}
          definition={definition}
          place={openPlace}
          change={setDefinition}
          onClose={() => setOpenPlace(undefined)}
        />
      )}
    </>
  )
}
