import { Badge } from '../../../ui/badge.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { type Column, withCells } from '../../../ui/data-table.tsx'
import { Time } from '../../../ui/time.tsx'
import { KeyActions } from './key-actions.tsx'
import { type ApiKey, maskedKey, stateOf } from '../../../ui/present-key.ts'
import { HEADS } from './skeleton.tsx'

export const COLUMNS: readonly Column<ApiKey>[] = withCells(HEADS, {
  name: (key) => key.name,
  key: (key) => <code>{maskedKey(key)}</code>,
  state: (key) => <State apiKey={key} />,
  created: (key) => <Time at={key.createdAt} as="date" />,
  used: (key) => (key.lastUsedAt === null ? 'never' : <Time at={key.lastUsedAt} />),
  actions: (key) => <KeyActions apiKey={key} />,
})

function State({ apiKey }: { readonly apiKey: ApiKey }) {
  const { word, tone, endsAt } = stateOf(apiKey, useNow())
  return (
    <>
      <Badge tone={tone}>{word}</Badge>
      {endsAt !== null && (
        <>
          {' '}
          ends <Time at={endsAt} />
        </>
      )}
    </>
  )
}
