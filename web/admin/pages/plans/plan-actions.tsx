import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { countOf } from '../../../ui/format.ts'
import { IconButton } from '../../../ui/icon-button.tsx'
import { ButtonLink } from '../../../ui/link.tsx'
import { Menu } from '../../../ui/menu.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { nameOf, type Plan, shownVersion } from './present-plan.ts'

export function PlanActions({ plan }: { readonly plan: Plan }) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const refusal = useRefusal('catalog.write')
  const [act, setAct] = useState<'next' | 'default' | 'archive'>()
  const close = () => setAct(undefined)
  const params = { planKey: plan.key }
  const refresh = () =>
    Promise.all(
      ['plans', 'summary', 'audit'].map((key) =>
        queryClient.invalidateQueries({ queryKey: [key] }),
      ),
    )
  const object = [{ label: 'Plan', value: nameOf(plan) }]
  const isAddOn = Boolean(shownVersion(plan)?.definition.addOn)
  const toMove = isAddOn
    ? 'Whoever has an add-on keeps its version'
    : plan.subscriberCount === 0
      ? 'Nobody subscribes to it'
      : undefined
  return (
    <>
      {plan.draft !== null && (
        <>
          <ButtonLink icon="edit" to={paths.planDraft} params={params}>
            Edit draft
          </ButtonLink>
          <ButtonLink variant="primary" to={paths.planPublish} params={params}>
            Review and publish
          </ButtonLink>
        </>
      )}
      <Menu
        trigger={<IconButton icon="dots" label="Actions for this plan" variant="secondary" />}
        sections={[
          {
            items: [
              {
                label: 'Start the next version',
                icon: 'copy',
                hint: 'A draft, as a copy of the newest',
                disabledReason:
                  refusal ?? (plan.draft === null ? undefined : 'There is a draft already'),
                onSelect: () => setAct('next'),
              },
              {
                label: 'Move subscribers',
                icon: 'arrow-right',
                hint: 'To another version, after telling them',
                disabledReason: toMove,
                onSelect: () => void navigate({ to: paths.planMigrate, params }),
              },
              {
                label: 'Make it the default',
                icon: 'flag',
                hint: 'What customers fall back to',
                disabledReason:
                  refusal ??
                  (plan.isDefault
                    ? 'It is the default'
                    : isAddOn
                      ? 'Nobody can have an add-on by itself'
                      : plan.active === null
                        ? 'Publish it first'
                        : undefined),
                onSelect: () => setAct('default'),
              },
            ],
          },
          {
            items: [
              {
                label: 'Take off sale',
                icon: 'ban',
                hint: 'Here and in Stripe',
                disabledReason:
                  refusal ??
                  (plan.active === null
                    ? 'It is not on sale'
                    : plan.isDefault
                      ? 'Customers fall back to it'
                      : undefined),
                onSelect: () => setAct('archive'),
              },
            ],
          },
        ]}
      />
      <ConfirmDialog
        isOpen={act === 'next'}
        onOpenChange={close}
        title="Start the next version?"
        object={object}
        consequences={[
          'A draft is made as a copy of the newest version.',
          'Nothing changes for anybody before it is published.',
        ]}
        verb="Start draft"
        tone="primary"
        onConfirm={async ({ idempotencyKey }) => {
          await client.post('/api/v1/plans/{planKey}/next', { params, idempotencyKey })
          await refresh()
          await navigate({ to: paths.planDraft, params })
        }}
      />
      <ConfirmDialog
        isOpen={act === 'default'}
        onOpenChange={close}
        title="Make this the default plan?"
        object={object}
        consequences={[
          'Customers whose subscription ends move to it, where their plan says so.',
          'The plan that was the default is an ordinary plan again.',
        ]}
        verb="Make default"
        tone="primary"
        onConfirm={async ({ idempotencyKey }) => {
          await client.post('/api/v1/plans/{planKey}/default', { params, idempotencyKey })
          await refresh()
        }}
      />
      <ConfirmDialog
        isOpen={act === 'archive'}
        onOpenChange={close}
        title={`Take ${nameOf(plan)} off sale?`}
        object={object}
        consequences={[
          'Nobody can choose it any more, and its product and prices in Stripe are archived.',
          plan.subscriberCount === 0
            ? 'Nobody has it.'
            : `${countOf(plan.subscriberCount, 'subscription')} keep it as it is.`,
          'Publishing another version puts it on sale again.',
        ]}
        verb="Take off sale"
        onConfirm={async ({ idempotencyKey }) => {
          await client.post('/api/v1/plans/{planKey}/archive', { params, idempotencyKey })
          await refresh()
        }}
      />
    </>
  )
}
