import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Tone } from '../../../ui/badge.tsx'
import { listOf } from '../../../ui/format.ts'

export type DunningCase = ResponseOf<'get', '/api/v1/dunning-cases'>['data'][number]

const STATES: Record<DunningCase['state'], { readonly word: string; readonly tone: Tone }> = {
  open: { word: 'open', tone: 'warning' },
  recovered: { word: 'paid after all', tone: 'success' },
  exhausted: { word: 'given up', tone: 'danger' },
  canceled: { word: 'no longer owed', tone: 'neutral' },
}

export function caseStateOf({ state }: Pick<DunningCase, 'state'>) {
  return STATES[state]
}

const MAILS: Record<DunningCase['sent'][number], string> = {
  payment_failed: 'the payment failed',
  blocking_soon: 'access ends soon',
  blocked: 'access has ended',
  final: 'we give up',
  recovered: 'it is paid',
}

/** `the payment failed and access ends soon`: the mails that went out. */
export function sentWords({ sent }: Pick<DunningCase, 'sent'>): string {
  return sent.length === 0 ? 'nothing so far' : listOf(sent.map((mail) => MAILS[mail]))
}
