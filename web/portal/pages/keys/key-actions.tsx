import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useNow } from '../../../ui/clock.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { IconButton } from '../../../ui/icon-button.tsx'
import { Menu } from '../../../ui/menu.tsx'
import { SecretReveal } from '../../../ui/secret-reveal.tsx'
import { Time } from '../../../ui/time.tsx'
import { client } from '../../api.ts'
import { keysQuery } from '../../queries.ts'
import { type ApiKey, maskedKey, stateOf } from '../../../ui/present-key.ts'
import { RenameKey } from './rename-key.tsx'

type Act = 'rename' | 'rotate' | 'revoke'

const OVERLAP_HOURS = 24

export function KeyActions({ apiKey }: { readonly apiKey: ApiKey }) {
  const queryClient = useQueryClient()
  const [act, setAct] = useState<Act>()
  const [secret, setSecret] = useState<string>()
  const { word, tone } = stateOf(apiKey, useNow())
  const params = { keyId: apiKey.id }
  const over = tone === 'neutral' ? `This key is ${word}` : undefined
  const refresh = () => queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })
  const close = () => setAct(undefined)
  const object = [
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
              { label: 'Rename', icon: 'edit', onSelect: () => setAct('rename') },
              {
                label: 'Rotate',
                icon: 'refresh',
                hint: 'A new key; this one works another day',
                disabledReason: over,
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
                disabledReason: over,
                onSelect: () => setAct('revoke'),
              },
            ],
          },
        ]}
      />
      <RenameKey apiKey={apiKey} isOpen={act === 'rename'} onClose={close} />
      <ConfirmDialog
        isOpen={act === 'rotate'}
        onOpenChange={close}
        title={`Rotate the key “${apiKey.name}”?`}
        object={object}
        consequences={[
          'You get a new key, shown once.',
          `The old one works for another ${OVERLAP_HOURS} hours, so you can change over without a gap.`,
        ]}
        verb="Rotate key"
        tone="primary"
        onConfirm={async ({ idempotencyKey }) => {
          const body = { overlapHours: OVERLAP_HOURS }
          const path = '/api/v1/portal/keys/{keyId}/rotate'
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
          await client.post('/api/v1/portal/keys/{keyId}/revoke', { params, idempotencyKey })
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
