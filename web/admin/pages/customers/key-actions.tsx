import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useNow } from '../../../ui/clock.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { IconButton } from '../../../ui/icon-button.tsx'
import { Menu } from '../../../ui/menu.tsx'
import { type ApiKey, maskedKey, stateOf } from '../../../ui/present-key.ts'
import { SecretReveal } from '../../../ui/secret-reveal.tsx'
import { Time } from '../../../ui/time.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import type { CustomerDetail } from './present-customer.ts'

interface KeyActionsProps {
  readonly apiKey: ApiKey
  readonly customer: CustomerDetail
}

const OVERLAP_HOURS = 24

export function KeyActions({ apiKey, customer }: KeyActionsProps) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('keys.write')
  const [act, setAct] = useState<'rotate' | 'revoke'>()
  const [secret, setSecret] = useState<string>()
  const { word, tone } = stateOf(apiKey, useNow())
  const params = { customerId: customer.id, keyId: apiKey.id }
  const disabledReason = refusal ?? (tone === 'neutral' ? `This key is ${word}` : undefined)
  const close = () => setAct(undefined)
  const refresh = () =>
    Promise.all(
      ['customers', 'audit'].map((key) => queryClient.invalidateQueries({ queryKey: [key] })),
    )
  const object = [
    { label: 'Customer', value: customer.name },
    { label: 'Key', value: <code>{maskedKey(apiKey)}</code> },
    {
      label: 'Last used',
      value: apiKey.lastUsedAt === null ? 'never' : <Time at={apiKey.lastUsedAt} />,
    },
  ]
  return (
    <>
      <Menu
        trigger={<IconButton icon="dots" label={`Actions for ${apiKey.name}`} size="sm" />}
        sections={[
          {
            items: [
              {
                label: 'Rotate',
                icon: 'refresh',
                hint: 'A new key; this one works another day',
                disabledReason,
                onSelect: () => setAct('rotate'),
              },
            ],
          },
          {
            items: [
              {
                label: 'Revoke',
                icon: 'ban',
                tone: 'danger',
                disabledReason,
                onSelect: () => setAct('revoke'),
              },
            ],
          },
        ]}
      />
      <ConfirmDialog
        isOpen={act === 'rotate'}
        onOpenChange={close}
        title={`Rotate the key “${apiKey.name}”?`}
        object={object}
        consequences={[
          'You get a new key to hand over, shown once.',
          `The old one works for another ${OVERLAP_HOURS} hours.`,
        ]}
        verb="Rotate key"
        tone="primary"
        onConfirm={async ({ idempotencyKey }) => {
          const path = '/api/v1/customers/{customerId}/keys/{keyId}/rotate'
          const body = { overlapHours: OVERLAP_HOURS }
          const issued = await client.post(path, { params, body, idempotencyKey })
          setSecret(issued.secret)
          await refresh()
        }}
      />
      <ConfirmDialog
        isOpen={act === 'revoke'}
        onOpenChange={close}
        title={`Revoke the key “${apiKey.name}”?`}
        object={object}
        consequences={['Calls with it are refused at once.', 'It cannot be brought back.']}
        verb="Revoke key"
        typedWord={apiKey.name}
        onConfirm={async ({ idempotencyKey }) => {
          const path = '/api/v1/customers/{customerId}/keys/{keyId}/revoke'
          await client.post(path, { params, idempotencyKey })
          await refresh()
        }}
      />
      {secret !== undefined && (
        <SecretReveal
          title={`The new key for “${apiKey.name}”`}
          noun="API key"
          secret={secret}
          onDone={() => setSecret(undefined)}
        />
      )}
    </>
  )
}
