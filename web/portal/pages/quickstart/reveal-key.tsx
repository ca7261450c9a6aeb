import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { SecretReveal } from '../../../ui/secret-reveal.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { useSubmission } from '../../../ui/submission.ts'
import { client } from '../../api.ts'
import { keysQuery, overviewQuery } from '../../queries.ts'

interface RevealKeyProps {
  readonly keyId: string
  /** The secret, for as long as the page around keeps it. */
  readonly onSeen: (secret: string) => void
}

/** Shows the key that came with a subscription: when asked to, and once, so that a reload cannot lose it. */
export function RevealKey({ keyId, onSeen }: RevealKeyProps) {
  const queryClient = useQueryClient()
  const { submit, isPending, problem } = useSubmission()
  const [secret, setSecret] = useState<string>()

  async function reveal(idempotencyKey: string) {
    const path = '/api/v1/portal/keys/{keyId}/reveal'
    const shown = await client.post(path, { params: { keyId }, idempotencyKey })
    setSecret(shown.secret)
  }

  async function close(seen: string) {
    setSecret(undefined)
    onSeen(seen)
    await Promise.all(
      [overviewQuery, keysQuery].map(({ queryKey }) => queryClient.invalidateQueries({ queryKey })),
    )
  }

  return (
    <Stack gap={3}>
      {problem !== undefined && <ProblemBanner problem={problem} />}
      <div>
        <Button
          variant="primary"
          icon="key"
          isPending={isPending}
          onClick={() => void submit(reveal)}
        >
          Show my API key
        </Button>
      </div>
      {secret !== undefined && (
        <SecretReveal
          title="Your API key"
          noun="API key"
          secret={secret}
          onDone={() => void close(secret)}
        />
      )}
    </Stack>
  )
}
