import { type ProblemDocument, ProblemError } from '../../src/client/problem-error.ts'
import type { TimelineEntry } from '../ui/timeline.tsx'

export const DAY_MS = 86_400_000
const now = Date.now()

export const ago = (days: number) => new Date(now - days * DAY_MS).toISOString()

export interface SampleKey {
  readonly id: string
  readonly name: string
  readonly masked: string
  readonly createdAt: string
  readonly lastUsedAt: string | null
  readonly status: 'active' | 'rotating' | 'revoked'
}

export const KEYS: readonly SampleKey[] = [
  {
    id: 'key_01k9a0mh3d7q2v5x8c1b4n6t9r',
    name: 'Production',
    masked: 'fb_live_…h4Qz',
    createdAt: ago(120),
    lastUsedAt: ago(0.0004),
    status: 'active',
  },
  {
    id: 'key_01k9a0mh3d7q2v5x8c1b4n6t9s',
    name: 'Staging',
    masked: 'fb_live_…9aPe',
    createdAt: ago(64),
    lastUsedAt: ago(0.12),
    status: 'rotating',
  },
  {
    id: 'key_01k9a0mh3d7q2v5x8c1b4n6t9t',
    name: 'Data team notebook',
    masked: 'fb_live_…Lm02',
    createdAt: ago(12),
    lastUsedAt: null,
    status: 'active',
  },
  {
    id: 'key_01k9a0mh3d7q2v5x8c1b4n6t9u',
    name: 'Old backend',
    masked: 'fb_live_…7YwB',
    createdAt: ago(400),
    lastUsedAt: ago(33),
    status: 'revoked',
  },
]

export interface SampleCustomer {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly plan: string
  readonly status: 'active' | 'trialing' | 'past_due' | 'canceled'
  readonly usageShare: number
  readonly mrrMinor: number
  readonly createdAt: string
}

const NAMES = [
  ['Northwind Labs', 'ada@northwind.dev', 'Scale', 'active', 0.62, 49_900],
  ['Kestrel Maps', 'ops@kestrelmaps.io', 'Pro', 'past_due', 0.98, 9_900],
  ['Blue Heron Health', 'billing@blueheron.health', 'Pro', 'active', 0.41, 9_900],
  ['Ferrous Systems', 'mira@ferrous.example', 'Pay as you go', 'active', 0.11, 3_812],
  ['Tidewater Logistics', 'dev@tidewater.co', 'Scale', 'active', 0.87, 49_900],
  ['Quill & Co', 'sam@quill.co', 'Free', 'active', 1, 0],
  ['Solstice Energy', 'platform@solstice.energy', 'Scale', 'trialing', 0.08, 0],
  ['Papercrane', 'hello@papercrane.app', 'Pro', 'canceled', 0.3, 9_900],
  ['Larkspur Finance', 'api@larkspur.finance', 'Scale', 'active', 0.55, 49_900],
  ['Meridian Robotics', 'yuki@meridian.bot', 'Pro', 'active', 0.72, 9_900],
] as const

export const CUSTOMERS: readonly SampleCustomer[] = NAMES.map(
  ([name, email, plan, status, usageShare, mrrMinor], index) => ({
    id: `customer_01k9a0mh3d7q2v5x8c1b4n6t${String(index).padStart(2, '0')}`,
    name,
    email,
    plan,
    status,
    usageShare,
    mrrMinor,
    createdAt: ago(10 + index * 37),
  }),
)

/** A month with weekends, a growing trend and one busy day. */
export const CALLS_PER_DAY = Array.from({ length: 30 }, (_, day) => {
  const at = new Date(now - (29 - day) * DAY_MS)
  at.setHours(12, 0, 0, 0)
  const isWeekend = at.getDay() % 6 === 0
  const base = 2_100 + day * 46 + 420 * Math.sin(day * 1.7)
  const value = Math.round((isWeekend ? 0.45 : 1) * base * (day === 21 ? 1.9 : 1))
  return { at: at.toISOString(), value }
})

export const HISTORY: readonly TimelineEntry[] = [
  {
    id: '1',
    at: ago(0.01),
    icon: 'alert',
    tone: 'warning',
    title: 'Payment of $99.00 failed',
    detail: 'The card was declined: insufficient funds. Next attempt in 3 days.',
  },
  {
    id: '2',
    at: ago(0.4),
    icon: 'gauge',
    tone: 'info',
    title: 'api_requests reached 80 % of the quota',
    detail: 'A mail went to ops@kestrelmaps.io.',
  },
  {
    id: '3',
    at: ago(3),
    icon: 'arrow-up',
    tone: 'accent',
    title: 'Upgraded from Free to Pro',
    detail: 'Charged $57.48 for the rest of the period.',
  },
  {
    id: '4',
    at: ago(19),
    icon: 'key',
    title: 'Issued the API key “Production”',
    detail: 'fb_live_…h4Qz, by ops@kestrelmaps.io',
  },
  { id: '5', at: ago(20), icon: 'user', tone: 'success', title: 'Signed up' },
]

export const CURL = `curl https://api.kestrel.example/v1/geocode \\
  -H "Authorization: Bearer fb_test_8Kq2vT5xN1cB4n6t9rZwH4Qz" \\
  -G -d "q=Rathausplatz 1" # your first call`

export const JAVASCRIPT = `const response = await fetch('https://api.kestrel.example/v1/geocode?q=Rathausplatz', {
  headers: { Authorization: 'Bearer fb_test_8Kq2vT5xN1cB4n6t9rZwH4Qz' },
})
console.log(await response.json())`

export const PYTHON = `import requests

response = requests.get(
    "https://api.kestrel.example/v1/geocode",
    params={"q": "Rathausplatz 1"},
    headers={"Authorization": "Bearer fb_test_8Kq2vT5xN1cB4n6t9rZwH4Qz"},
)
print(response.json())`

export const SECRET = 'fb_test_8Kq2vT5xN1cB4n6t9rZwH4Qz'

/** A refusal as the client throws it. */
export function refusal(over: Partial<ProblemDocument>): ProblemError {
  return new ProblemError({
    status: 409,
    code: 'conflict',
    title: 'That did not work',
    detail: 'Try again.',
    requestId: 'req_01k9a0mh3d7q2v5x8c1b4n6t9r',
    ...over,
  })
}
