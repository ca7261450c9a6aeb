import { isPayer, type Role } from '../billing/payer.ts'
import type { OfferedPlan } from './present-plan.ts'

/** Who looks at the plans. */
export type Shopper =
  | { readonly kind: 'visitor' }
  | {
      readonly kind: 'member'
      readonly role: Role
      readonly current: { readonly key: string; readonly name: string } | null
      /** The plan to which a change is under way. */
      readonly next?: string | undefined
    }

/** The one thing a plan offers to whoever looks at it. */
export type PlanAction =
  | { readonly kind: 'sign_up'; readonly label: string }
  | { readonly kind: 'choose'; readonly label: string; readonly disabledReason?: string }
  /** From the plan one has: a preview comes first. */
  | { readonly kind: 'change'; readonly label: string }
  | { readonly kind: 'current' }
  | { readonly kind: 'contact'; readonly label: string; readonly href: string | null }

export function planAction({ key, definition }: OfferedPlan, shopper: Shopper): PlanAction {
  const { name, metadata } = definition
  if (shopper.kind === 'member' && shopper.current?.key === key) return { kind: 'current' }
  if (metadata['isCustom'] === 'true') {
    const label = metadata['contactLabel'] ?? 'Contact us'
    return { kind: 'contact', label, href: safeHref(metadata['contactUrl']) }
  }
  const label = `Choose ${name}`
  if (shopper.kind === 'visitor') return { kind: 'sign_up', label }
  if (!isPayer(shopper.role)) {
    const disabledReason = 'Only owners, admins and billing members choose the plan.'
    return { kind: 'choose', label, disabledReason }
  }
  if (shopper.current !== null) {
    const change = `Change to ${name}`
    if (shopper.next === undefined) return { kind: 'change', label: change }
    const disabledReason = `A change to ${shopper.next} is under way. Take it back under “Plan & billing” first.`
    return { kind: 'choose', label: change, disabledReason }
  }
  return { kind: 'choose', label }
}

/** What operators typed leads to a page or a mail, or nowhere. */
function safeHref(url: string | undefined): string | null {
  return url !== undefined && /^(?:https?:\/\/|mailto:)/i.test(url) ? url : null
}
