import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Tone } from '../../../ui/badge.tsx'
import { countedDuration } from '../../../ui/pricing/duration-words.ts'
import { listOf } from '../../../ui/format.ts'

export type DunningCase = ResponseOf<'get', '/api/v1/dunning-cases'>['data'][number]

const STATES: Record<DunningCase['state'], { readonly word: string; readonly tone: Tone }> = {
  open: { word: 'open', tone: 'warning' },
  recovered: { word: 'paid after all', tone: 'success' },
  exhausted: { word: 'given up', tone: 'danger' },
  canceled: { word: 'no longer owed', tone: 'neutral' },
}

export function caseStateOf({ state, retries }: Pick<DunningCase, 'state' | 'retries'>) {
  // An invoice that was sent waits for its payment without anything having failed.
  if (retries === 'none' && state === 'open') return { word: 'waits', tone: 'neutral' } as const
  if (retries === 'none' && state === 'recovered') return { word: 'paid', tone: 'success' } as const
  return STATES[state]
}

const MAILS: Readonly<Record<string, string>> = {
  payment_failed: 'the payment failed',
  blocking_soon: 'access ends soon',
  blocked: 'access has ended',
  final: 'we give up',
  recovered: 'it is paid',
}

/** `the payment failed and access ends soon`: the mails that went out. */
export function sentWords({ sent }: Pick<DunningCase, 'sent'>): string {
  return sent.length === 0
    ? 'nothing so far'
    : listOf(sent.map((mail) => MAILS[mail] ?? reminderWords(mail)))
}

/** `reminder:-P3D` is `a reminder 3 days ahead`. */
function reminderWords(mail: string): string {
  const offset = mail.slice(mail.indexOf(':') + 1)
  const length = countedDuration(offset.replace('-', ''))
  if (offset.startsWith('-')) return `a reminder ${length} ahead`
  return offset === 'P0D' ? 'a reminder on its date' : `a reminder ${length} after`
}
