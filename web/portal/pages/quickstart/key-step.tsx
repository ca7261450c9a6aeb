import { useSuspenseQuery } from '@tanstack/react-query'
import { useNow } from '../../../ui/clock.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ButtonLink, Link } from '../../../ui/link.tsx'
import { maskedKey } from '../../../ui/present-key.ts'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { keysQuery, overviewQuery } from '../../queries.ts'
import { CreateKey } from '../keys/create-key.tsx'
import { chooseKey } from './choose-key.ts'
import { RevealKey } from './reveal-key.tsx'

interface KeyStepProps {
  /** The key, when it was shown on this page just now. */
  readonly secret: string | undefined
  readonly onSeen: (secret: string) => void
}

/** Where the key is: waiting to be seen, seen before, or not there yet. */
export function KeyStep({ secret, onSeen }: KeyStepProps) {
  const { data: keys } = useSuspenseQuery(keysQuery)
  const { data: overview } = useSuspenseQuery(overviewQuery)
  const choice = chooseKey(keys.data, overview.unrevealedKeyIds, useNow())
  switch (choice.kind) {
    case 'unseen':
      // What was shown on this page a moment ago is seen, also before the account says so.
      if (secret !== undefined) return <SavedKey shown={maskedKey(choice.key)} isNew />
      return (
        <Stack gap={4}>
          <p>
            <code>{maskedKey(choice.key)}</code> came with your plan. It is shown once: have a place
            ready to keep it, such as a password manager.
          </p>
          <RevealKey keyId={choice.key.id} onSeen={onSeen} />
        </Stack>
      )
    case 'seen':
      return <SavedKey shown={maskedKey(choice.key)} isNew={secret !== undefined} />
    case 'none':
      return overview.subscription === null ? (
        <EmptyState
          icon="tag"
          title="A key comes with your plan"
          description="Choose a plan, and your first API key is made with it."
          action={
            <ButtonLink to={paths.plans} variant="primary">
              See plans
            </ButtonLink>
          }
        />
      ) : (
        <EmptyState
          icon="key"
          title="No API key that works"
          description="Create one to call the API with."
          action={<CreateKey />}
        />
      )
  }
}

function SavedKey({ shown, isNew }: { readonly shown: string; readonly isNew: boolean }) {
  return (
    <p>
      {isNew ? 'Saved: ' : 'You have '}
      <code>{shown}</code>
      {!isNew && ', which was shown when it was created'}. Lost it, or need another?{' '}
      <Link to={paths.keys}>Manage API keys</Link>
    </p>
  )
}
