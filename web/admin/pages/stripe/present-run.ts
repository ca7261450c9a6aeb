import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Tone } from '../../../ui/badge.tsx'
import { countOf } from '../../../ui/format.ts'

type Run = ResponseOf<'get', '/api/v1/stripe/reconcile-runs'>['data'][number]

const STATES: Record<Run['state'], { readonly word: string; readonly tone: Tone }> = {
  running: { word: 'running', tone: 'info' },
  done: { word: 'done', tone: 'success' },
  failed: { word: 'failed', tone: 'danger' },
}

export function runStateOf({ state }: Pick<Run, 'state'>) {
  return STATES[state]
}

/** `2 differences among 12 customers, 1 mended`. */
export function runWords({ counts, error, isDryRun }: Pick<Run, 'counts' | 'error' | 'isDryRun'>) {
  if (error !== null) return error
  const found =
    counts.differences === 0 ? 'No difference' : countOf(counts.differences, 'difference')
  const mended = counts.repaired === 0 ? '' : `, ${counts.repaired} mended`
  const unread = counts.failed === 0 ? '' : `, ${counts.failed} could not be compared`
  const tried = isDryRun ? ', only looked' : ''
  return `${found} among ${countOf(counts.customers, 'customer')}${mended}${unread}${tried}`
}
