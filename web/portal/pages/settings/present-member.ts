import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Role } from '../billing/payer.ts'

export type Member = ResponseOf<'get', '/api/v1/portal/members'>['data'][number]
export type MemberInvitation = ResponseOf<
  'get',
  '/api/v1/portal/member-invitations'
>['data'][number]

/** What a role may do beyond looking, which everybody may; the API has the last word. */
const ROLES: Readonly<Record<Role, { readonly name: string; readonly description: string }>> = {
  owner: { name: 'Owner', description: 'Everything, owners included' },
  admin: { name: 'Admin', description: 'Keys, payments, the account and its people' },
  developer: { name: 'Developer', description: 'Keys' },
  billing: { name: 'Billing', description: 'Plan, payments and invoices' },
  viewer: { name: 'Viewer', description: 'Looks, changes nothing' },
}

const ORDER: readonly Role[] = ['owner', 'admin', 'developer', 'billing', 'viewer']

export function roleName(role: Role): string {
  return ROLES[role].name
}

/** The roles somebody may give, as options of a select. */
export function rolesToGive(own: Role) {
  return ORDER.filter((role) => own === 'owner' || role !== 'owner').map((role) => ({
    value: role,
    label: ROLES[role].name,
    description: ROLES[role].description,
  }))
}

/** Why the reader may not manage people; undefined when they may. */
export function whyNotManager(own: Role): string | undefined {
  return own === 'owner' || own === 'admin' ? undefined : 'Only owners and admins manage people.'
}

/** Why the reader may not change this member's role or remove them; undefined when they may. */
export function whyNotManaged(own: Role, member: Pick<Member, 'role'>): string | undefined {
  const reason = whyNotManager(own)
  if (reason !== undefined) return reason
  return own === 'admin' && member.role === 'owner' ? 'Only owners manage owners.' : undefined
}

/** Why this member must stay what they are, whoever asks; undefined when they need not. */
export function whyLastOwner(
  members: readonly Pick<Member, 'userId' | 'role'>[],
  { userId }: Pick<Member, 'userId'>,
): string | undefined {
  const owners = members.filter(({ role }) => role === 'owner')
  const isLast = owners.length === 1 && owners[0]?.userId === userId
  return isLast ? 'An account has at least one owner.' : undefined
}

/** An expired invitation opens nothing and is sent anew by inviting again. */
export function isExpired(
  { expiresAt }: Pick<MemberInvitation, 'expiresAt'>,
  now: number,
): boolean {
  return Date.parse(expiresAt) <= now
}
