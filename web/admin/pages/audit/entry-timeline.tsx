import { useQuery } from '@tanstack/react-query'
import { shortId } from '../../../ui/format.ts'
import { Stack } from '../../../ui/stack.tsx'
import { Timeline, type TimelineEntry } from '../../../ui/timeline.tsx'
import { ObjectLink } from '../../object-link.tsx'
import { operatorsQuery } from '../../queries.ts'
import { actionWords, actorWords, type AuditEntry, gist, lookOf } from './present-entry.ts'

interface EntryTimelineProps {
  readonly label: string
  readonly entries: readonly (AuditEntry & { readonly customerName: string })[]
  /** Where all entries are about one customer, it need not be named each time. */
  readonly isOfOneCustomer?: boolean
  /** Names of people besides the operators: the customer's members. */
  readonly people?: readonly { readonly userId: string; readonly name: string }[]
}

const NOBODY: NonNullable<EntryTimelineProps['people']> = []

type Entry = EntryTimelineProps['entries'][number]

/** The audit log as a story, told in the time of those it is about. */
export function EntryTimeline({
  label,
  entries,
  isOfOneCustomer = false,
  people = NOBODY,
}: EntryTimelineProps) {
  const names = useActorNames(people)
  return (
    <Timeline
      label={label}
      entries={entries.map((entry) => toTimelineEntry(entry, names, isOfOneCustomer))}
    />
  )
}

export function toTimelineEntry(
  entry: Entry,
  names: ReadonlyMap<string, string>,
  isOfOneCustomer: boolean,
): TimelineEntry {
  return {
    id: entry.id,
    at: entry.happenedAt,
    ...lookOf(entry.action),
    title: (
      <Stack direction="row" gap={2} align="baseline" canWrap>
        <span>{actionWords(entry.action)}</span>
        <About entry={entry} isOfOneCustomer={isOfOneCustomer} />
      </Stack>
    ),
    detail: [`by ${actorWords(entry, names)}`, gist(entry)].filter(Boolean).join(' · '),
  }
}

interface AboutProps {
  readonly entry: Entry
  readonly isOfOneCustomer: boolean
}

function About({ entry, isOfOneCustomer }: AboutProps) {
  const { targetKind, targetId, customerId, customerName } = entry
  if (targetKind === 'customer' && isOfOneCustomer) return null
  const isNamed = targetKind !== 'customer' && customerId !== null && !isOfOneCustomer
  return (
    <>
      <ObjectLink
        kind={targetKind}
        id={targetId}
        customerId={customerId}
        {...(targetKind === 'customer' && { name: customerName || shortId(targetId) })}
      />
      {isNamed && <ObjectLink kind="customer" id={customerId} name={customerName} />}
    </>
  )
}

/** Who is behind the ids of actors; operators are few enough to know them all. */
export function useActorNames(
  people: readonly { readonly userId: string; readonly name: string }[] = NOBODY,
): ReadonlyMap<string, string> {
  const { data } = useQuery(operatorsQuery)
  return new Map([
    ...people.map(({ userId, name }) => [userId, name] as const),
    ...(data?.data ?? []).map(({ id, name }) => [id, name] as const),
  ])
}
