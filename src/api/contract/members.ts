import { z } from 'zod'
import { account } from './portal.ts'
import { ANY_MEMBER, MANAGERS, route } from './route.ts'
import { id, instant, list, memberRole } from './values.ts'

const tag = 'Portal'

const member = z
  .object({
    userId: z.string(),
    name: z.string(),
    email: z.string(),
    role: memberRole,
    joinedAt: instant,
  })
  .meta({ id: 'Member' })

const memberInvitation = z
  .object({
    id: z.string(),
    email: z.string(),
    role: memberRole,
    createdAt: instant,
    /** From here on the link opens nothing; inviting again sends another one. */
    expiresAt: instant,
  })
  .meta({ id: 'MemberInvitation' })

const memberParams = z.object({ userId: id })
const token = z.string().min(1).max(100)

/** The people of an account. Owners manage everybody, admins everybody but owners. */
export const memberRoutes = {
  listOwnMembers: route({
    method: 'get',
    path: '/api/v1/portal/members',
    access: ANY_MEMBER,
    summary: 'Who acts for the account',
    tag,
    response: list(member),
  }),
  changeOwnMember: route({
    method: 'patch',
    path: '/api/v1/portal/members/{userId}',
    access: MANAGERS,
    summary: 'Give somebody of the account another role',
    tag,
    params: memberParams,
    body: z.strictObject({ role: memberRole }),
    response: list(member),
  }),
  removeOwnMember: route({
    method: 'delete',
    path: '/api/v1/portal/members/{userId}',
    access: ANY_MEMBER,
    summary: 'Let somebody act for the account no more; everybody may leave it',
    tag,
    params: memberParams,
    response: z.object({ userId: z.string() }),
  }),
  listMemberInvitations: route({
    method: 'get',
    path: '/api/v1/portal/member-invitations',
    access: ANY_MEMBER,
    summary: 'Who was asked to act for the account and has not answered',
    tag,
    response: list(memberInvitation),
  }),
  inviteMember: route({
    method: 'post',
    path: '/api/v1/portal/member-invitations',
    access: MANAGERS,
    summary: 'Ask somebody to act for the account; the mail carries the link',
    tag,
    body: z.strictObject({ email: z.email().max(254), role: memberRole }),
    response: memberInvitation,
    status: 201,
  }),
  revokeMemberInvitation: route({
    method: 'post',
    path: '/api/v1/portal/member-invitations/{invitationId}/revoke',
    access: MANAGERS,
    summary: 'Take back an invitation that nobody has accepted',
    tag,
    params: z.object({ invitationId: id }),
    response: list(memberInvitation),
  }),
  // With a body, because an address is written into logs.
  readMemberInvitation: route({
    method: 'post',
    path: '/api/v1/portal/member-invitations/read',
    access: { kind: 'user' },
    summary: 'Which account the signed-in user is asked to act for',
    tag,
    body: z.strictObject({ token }),
    response: z.object({ accountName: z.string(), role: memberRole, expiresAt: instant }),
  }),
  acceptMemberInvitation: route({
    method: 'post',
    path: '/api/v1/portal/member-invitations/accept',
    access: { kind: 'user' },
    summary: 'Act for the account from then on',
    tag,
    body: z.strictObject({ token }),
    response: account,
  }),
}
