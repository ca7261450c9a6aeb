import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ClockOffset, useNow } from '../ui/clock.tsx'
import { formatDateTime } from '../ui/format.ts'
import { overviewQuery } from './queries.ts'

const MINUTE_MS = 60_000
/** What clocks differ by; beyond it the account's time is simulated. */
const TOLERANCE_MINUTES = 2

/** Shows everything inside at the account's time: real, or where test mode has been moved to. */
export function AccountClock({ children }: { readonly children: ReactNode }) {
  return <ClockOffset offsetMs={useAccountOffset()}>{children}</ClockOffset>
}

/** For test mode's banner: which time it is there, when it is not ours. */
export function SimulatedTime() {
  const offsetMs = useAccountOffset()
  const now = useNow()
  if (offsetMs === 0) return null
  return <span>It is {formatDateTime(new Date(now).toISOString())} here.</span>
}

function useAccountOffset(): number {
  const { data, dataUpdatedAt } = useQuery(overviewQuery)
  if (data === undefined) return 0
  // To the minute, so that answers that took a little longer do not draw everything anew.
  const minutes = Math.round((Date.parse(data.now) - dataUpdatedAt) / MINUTE_MS)
  return Math.abs(minutes) <= TOLERANCE_MINUTES ? 0 : minutes * MINUTE_MS
}
