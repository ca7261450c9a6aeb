/** A place where somebody is signed in. */
export interface SignedInSession {
  readonly id: string
  readonly isCurrent: boolean
  /** `Chrome on Linux`; what cannot be told is `an unknown browser`. */
  readonly device: string
  readonly address: string | null
  readonly createdAt: string
}

const BROWSERS = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(?:e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/^curl\//, 'curl'],
] as const

const SYSTEMS = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
] as const

/** Reads the answers of the sign-in endpoints; entries that are none are left out. */
export function readSessions(list: unknown, current: unknown): SignedInSession[] {
  const currentId =
    isRecord(current) && isRecord(current['session']) ? current['session']['id'] : ''
  const sessions = (Array.isArray(list) ? list : []).filter(isRecord).flatMap((entry) => {
    const { id, createdAt, userAgent, ipAddress } = entry
    if (typeof id !== 'string' || typeof createdAt !== 'string') return []
    const address = typeof ipAddress === 'string' && ipAddress !== '' ? ipAddress : null
    const device = deviceOf(typeof userAgent === 'string' ? userAgent : '')
    return [{ id, isCurrent: id === currentId, device, address, createdAt }]
  })
  return sessions.toSorted(
    (a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.createdAt.localeCompare(a.createdAt),
  )
}

export function deviceOf(userAgent: string): string {
  const browser = BROWSERS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? 'an unknown browser'
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1]
  return system === undefined ? browser : `${browser} on ${system}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
