import { z } from 'zod'
import { operator, PAYERS, route } from './route.ts'
import { id, instant, key, page, pageQuery } from './values.ts'

const tag = 'Invitations'

const invitation = z
  .object({
    id: z.string(),
    planKey: z.string(),
    /** Whom it is for: an address, or a customer. */
    email: z.string().nullable(),
    customerId: z.string().nullable(),
    state: z.enum(['open', 'accepted', 'expired', 'revoked']),
    createdAt: instant,
    expiresAt: instant,
    acceptedAt: instant.nullable(),
    /** The customer whose it is since it was accepted. */
    acceptedBy: z.string().nullable(),
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'Invitation' })

const token = z.string().min(1).max(100)

export const invitationRoutes = {
  invite: route({
    method: 'post',
    path: '/api/v1/plans/{planKey}/invitations',
    access: operator('subscriptions.write'),
    summary: 'Invite an address or a customer to a private plan; the mail carries the link',
    tag,
    params: z.object({ planKey: key }),
    body: z
      .strictObject({
        email: z.email().max(254).optional(),
        customerId: id.optional(),
        expiresInDays: z.int().min(1).max(365).default(14),
      })
      .refine(
        ({ email, customerId }) => (email === undefined) !== (customerId === undefined),
        'must have either an email or a customerId',
      ),
    response: invitation,
    status: 201,
  }),
  listInvitations: route({
    method: 'get',
    path: '/api/v1/plans/{planKey}/invitations',
    access: operator('read'),
    summary: 'The invitations to a plan, newest first',
    tag,
    params: z.object({ planKey: key }),
    query: pageQuery,
    response: page(invitation),
  }),
  revokeInvitation: route({
    method: 'post',
    path: '/api/v1/invitations/{invitationId}/revoke',
    access: operator('subscriptions.write'),
    summary: 'Take an invitation back, accepted or not; a running subscription goes on',
    tag,
    params: z.object({ invitationId: id }),
    response: invitation,
  }),
  // With a body, because an address is written into logs.
  readInvitation: route({
    method: 'post',
    path: '/api/v1/portal/invitations/read',
    access: { kind: 'user' },
    summary: 'What an invitation offers the signed-in user',
    tag: 'Portal',
    body: z.strictObject({ token }),
    response: z.object({ planKey: z.string(), planName: z.string(), expiresAt: instant }),
  }),
  acceptInvitation: route({
    method: 'post',
    path: '/api/v1/portal/invitations/accept',
    access: PAYERS,
    summary: 'Accept an invitation for the account, which may choose the plan from then on',
    tag: 'Portal',
    body: z.strictObject({ token }),
    response: z.object({ planKey: z.string() }),
  }),
}
