import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useNow } from '../../../ui/clock.tsx'
import { CodeBlock } from '../../../ui/code-block.tsx'
import { maskedKey } from '../../../ui/present-key.ts'
import { Stack } from '../../../ui/stack.tsx'
import { keysQuery, overviewQuery } from '../../queries.ts'
import { CallWatch } from './call-watch.tsx'
import { chooseKey } from './choose-key.ts'
import { samplesFor } from './samples.ts'

const root = getRouteApi('__root__')

/** A call to copy, and whether it has arrived. */
export function FirstCall({ secret }: { readonly secret: string | undefined }) {
  const { gateway } = root.useRouteContext()
  const { data: keys } = useSuspenseQuery(keysQuery)
  const { data: overview } = useSuspenseQuery(overviewQuery)
  const choice = chooseKey(keys.data, overview.unrevealedKeyIds, useNow())
  const shown = choice.kind === 'none' ? 'YOUR_API_KEY' : maskedKey(choice.key)
  return (
    <Stack gap={4}>
      <CodeBlock
        label="First call"
        samples={samplesFor(gateway.url, gateway.examplePath, secret ?? shown)}
        {...(secret !== undefined && { secret })}
        footer={
          secret === undefined ? (
            <>
              Put your whole key in the place of <code>{shown}</code>.
            </>
          ) : (
            'Copying takes the whole key with it.'
          )
        }
      />
      {choice.kind !== 'none' && <CallWatch />}
    </Stack>
  )
}
