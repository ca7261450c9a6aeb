import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Tone } from '../../../ui/badge.tsx'
import { formatDate } from '../../../ui/format.ts'
import type { IconName } from '../../../ui/icon.tsx'

export type AuditEntry = ResponseOf<'get', '/api/v1/audit-entries'>['data'][number]

const NOUNS: Readonly<Record<string, string>> = {
  key: 'API key',
  mapping: 'Stripe mapping',
  webhook: 'Webhook event',
  stripe_event: 'Webhook event',
  plan_version: 'Plan version',
  plan_order: 'Plan order',
}

const SENTENCES: Readonly<Record<string, string>> = {
  'dunning.opened': 'Payment overdue, dunning began',
  'dunning.access_ended': 'Access stopped, a payment is overdue',
  'dunning.recovered': 'Overdue payment came in, dunning ended',
  'dunning.exhausted': 'Dunning ended without a payment',
  'dunning.canceled': 'Dunning ended, nothing is owed any more',
  'plan.draft_updated': 'Draft of a plan changed',
  'plan.made_default': 'Plan made the default',
  'plan.default_removed': 'No plan is the default any more',
  'plan.restored_in_stripe': 'Plan put back in Stripe',
  'plan.ordered': 'Plans put in another order',
  'plan_version.created': 'Next version of a plan drafted',
  'subscription.add_ons_changed': 'Add-ons changed',
  'checkout.started': 'Checkout started',
  'setting.removed': 'Setting put back to its default',
  'mapping.deleted': 'Stripe customer forgotten',
  'invoice.draft': 'Invoice drafted',
  'invoice.open': 'Invoice issued',
  'invoice.uncollectible': 'Invoice given up',
  'invoice.void': 'Invoice voided',
}

/** `invoice.paid` is `Invoice paid`: actions are a noun and what was done to it. */
export function actionWords(action: string): string {
  const known = SENTENCES[action]
  if (known !== undefined) return known
  const [noun = '', verb = ''] = action.split('.')
  const subject = NOUNS[noun] ?? capitalized(noun.replaceAll('_', ' '))
  return `${subject} ${verb.replaceAll('_', ' ')}`.trim()
}

/** The name of a kind of object: `API key`, `Invoice`. */
export function nounOf(kind: string): string {
  return NOUNS[kind] ?? capitalized(kind.replaceAll('_', ' '))
}

const ICONS: Readonly<Record<string, IconName>> = {
  customer: 'building',
  subscription: 'refresh',
  invoice: 'invoice',
  payment: 'card',
  refund: 'refund',
  dispute: 'scale',
  dunning: 'bell',
  credit: 'coins',
  credits: 'coins',
  credit_grant: 'coins',
  credit_pack: 'coins',
  coupon: 'flag',
  promotion_code: 'flag',
  budget: 'gauge',
  key: 'key',
  plan: 'tag',
  plan_version: 'tag',
  plan_order: 'tag',
  meter: 'gauge',
  feature: 'flag',
  checkout: 'card',
  setting: 'settings',
  webhook: 'inbox',
  mapping: 'link',
  clock: 'clock',
  operator: 'user',
  member: 'user',
  routing: 'route',
  route: 'route',
  upstream: 'route',
  finding: 'search',
}

const GOOD = new Set([
  'paid',
  'published',
  'reinstated',
  'resumed',
  'activated',
  'recovered',
  'won',
])
const BAD = new Set([
  'failed',
  'suspended',
  'uncollectible',
  'disputed',
  'lost',
  'opened',
  'access_ended',
  'exhausted',
])

/** How an entry is drawn in a timeline: what it is about, and whether it is good or bad news. */
export function lookOf(action: string): { readonly icon: IconName; readonly tone: Tone } {
  const [noun = '', verb = ''] = action.split('.')
  const tone = GOOD.has(verb) ? 'success' : BAD.has(verb) ? 'danger' : 'neutral'
  return { icon: ICONS[noun] ?? 'dots', tone }
}

/** Who did it: names of operators are known to whoever may read the log. */
export function actorWords(
  { actorKind, actorId, actorRole }: Pick<AuditEntry, 'actorKind' | 'actorId' | 'actorRole'>,
  names: ReadonlyMap<string, string>,
): string {
  const name = actorId === null ? undefined : names.get(actorId)
  switch (actorKind) {
    case 'operator':
      return name ?? 'An operator'
    case 'member':
      return name ?? `A member${actorRole === null ? '' : `, ${actorRole.replaceAll('_', ' ')}`}`
    case 'key':
      return 'An API key'
    case 'stripe':
      return 'Stripe'
    case 'system':
      return 'Farebox'
  }
}

/** The few facts that tell entries of one kind apart, for one line. */
export function gist({ after }: Pick<AuditEntry, 'after'>): string | undefined {
  if (typeof after !== 'object' || after === null || Array.isArray(after)) return undefined
  const facts = after as Readonly<Record<string, unknown>>
  const parts = ['number', 'name', 'reason', 'note', 'planKey', 'version', 'cancelAt']
    .map((key) => [key, facts[key]] as const)
    .filter(([, value]) => (typeof value === 'string' && value !== '') || typeof value === 'number')
    .map(([key, value]) => {
      if (key === 'version') return `version ${String(value)}`
      if (key === 'cancelAt') return formatDate(new Date(value as number).toISOString())
      return spoken(String(value))
    })
  const all = [...parts, ...addOnsOf(facts['addOns'])]
  return all.length === 0 ? undefined : all.slice(0, 3).join(', ')
}

/** `2 × extra_calls`, `no add-ons`; nothing where the entry is not about them. */
function addOnsOf(held: unknown): string[] {
  if (!Array.isArray(held)) return []
  if (held.length === 0) return ['no add-ons']
  return held.map((each: { readonly addOn?: unknown; readonly quantity?: unknown }) => {
    const { addOn, quantity } = each
    return `${String(quantity)} × ${String(addOn)}`
  })
}

/** `cancellation_requested` is a word of machines. */
function spoken(text: string): string {
  return /^[a-z]+(?:_[a-z]+)+$/.test(text) ? text.replaceAll('_', ' ') : text
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
