import type { Member, MemberRole } from './customer.ts'

export interface MemberChange {
  readonly byUserId: string
  readonly userId: string
  /** Null: they act for the account no more. */
  readonly role: MemberRole | null
}

export type MemberDecision =
  | { readonly kind: 'apply'; readonly before: MemberRole }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not_allowed'; readonly role: MemberRole }
  | { readonly kind: 'last_owner' }

type Known = Pick<Member, 'userId' | 'role'>

/** Everybody may leave; beyond that owners and admins manage the people, and owners alone manage owners. */
export function decideMember(
  members: readonly Known[],
  { byUserId, userId, role }: MemberChange,
): MemberDecision {
  const by = members.find((member) => member.userId === byUserId)
  const before = members.find((member) => member.userId === userId)?.role
  if (by === undefined || before === undefined) return { kind: 'unknown' }
  const isLeaving = byUserId === userId && role === null
  if (!isLeaving && !(mayGive(by.role, before) && mayGive(by.role, role ?? before))) {
    return { kind: 'not_allowed', role: by.role }
  }
  if (role === before) return { kind: 'unchanged' }
  const owners = members.filter((member) => member.role === 'owner')
  if (before === 'owner' && owners.length === 1) return { kind: 'last_owner' }
  return { kind: 'apply', before }
}

/** Whether somebody in one role may give the other one, or take it away. */
export function mayGive(own: MemberRole, role: MemberRole): boolean {
  return own === 'owner' || (own === 'admin' && role !== 'owner')
}
