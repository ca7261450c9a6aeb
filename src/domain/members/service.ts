import { AppError, invalidRequest, notFound } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Customer, MemberRole } from '../accounts/customer.ts'
import { mayGive } from '../accounts/decide-member.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import { expiry, hashToken, newToken } from '../invitations/invitation.ts'
import { dayOf } from '../notifications/notification.ts'
import type { Notifications } from '../notifications/service.ts'
import { decideJoining } from './decide-joining.ts'
import { MAX_OPEN, type MemberInvitation, VALID_DAYS } from './member-invitation.ts'
import * as store from './store.ts'

interface MembersDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly clocks: Clocks
  readonly database: Database
  readonly notifications: Notifications
}

/** Who asks: a member of the account. */
export interface Asking {
  readonly userId: string
  readonly customerId: string
}

/** Who follows a link. */
export interface Joining {
  readonly userId: string
  readonly email: string
}

export interface MemberInvitationInput {
  readonly email: string
  readonly role: MemberRole
}

export type Members = ReturnType<typeof createMembers>

/** Invitations to act for an account. */
export function createMembers(deps: MembersDeps) {
  const { accounts, audit, clocks, database, notifications } = deps

  /** The invitation a link is of, and the account it is to; refused when this person may not follow it. */
  async function followed(
    db: Db,
    mode: Mode,
    token: string,
    { userId, email }: Joining,
  ): Promise<{ invitation: MemberInvitation; customer: Customer }> {
    const found = await store.findByToken(db, mode, hashToken(token))
    const [membership] = await accounts.memberships(mode, userId, db)
    const visitor = { email, customerId: membership?.customerId ?? null }
    const decision = decideJoining(found, visitor, clocks.now(mode))
    if (decision.kind === 'refused') {
      throw new AppError('invitation_not_valid', { reason: decision.reason })
    }
    const { invitation } = decision
    return { invitation, customer: await accounts.get(mode, invitation.customerId, db) }
  }

  return {
    /** Those that nobody has followed yet. */
    listOpen: (mode: Mode, customerId: string): Promise<MemberInvitation[]> =>
      store.listOpen(database.db, mode, customerId),

    /** One link works at a time: asking somebody again replaces the one they have not followed. */
    async invite(
      caller: Caller,
      { userId, customerId }: Asking,
      { role, ...input }: MemberInvitationInput,
    ): Promise<MemberInvitation> {
      const { mode } = caller
      const email = input.email.toLowerCase()
      return database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, customerId)
        const members = await accounts.members(mode, customerId, tx)
        const by = members.find((member) => member.userId === userId)
        if (by === undefined || !mayGive(by.role, role)) {
          throw new AppError('role_not_allowed', { role: by?.role ?? 'none' })
        }
        if (members.some((member) => member.email.toLowerCase() === email)) {
          throw invalidRequest([{ path: 'email', message: 'acts for the account already' }])
        }
        const now = clocks.now(mode)
        const open = await store.listOpen(tx, mode, customerId)
        const replaced = open.find((each) => each.email === email)
        if (replaced !== undefined) await store.revoke(tx, mode, replaced.id, now)
        else if (open.length >= MAX_OPEN) {
          throw new AppError('too_many_invitations', { limit: MAX_OPEN })
        }
        const token = newToken()
        const invitation: MemberInvitation = {
          mode,
          id: newId('member_invitation', now),
          customerId,
          email,
          role,
          createdAt: now,
          expiresAt: expiry(now, VALID_DAYS),
          acceptedAt: null,
          revokedAt: null,
        }
        await store.insert(tx, invitation, hashToken(token))
        await notifications.tell(tx, {
          mode,
          template: 'member_invitation',
          customerId,
          to: email,
          payload: {
            invitedBy: by.name,
            role,
            expiresOn: dayOf(invitation.expiresAt, customer.timeZone),
            sealedToken: notifications.seal(token),
          },
          dedupeKey: `member_invitation:${invitation.id}`,
        })
        await audit.record(tx, caller, {
          action: 'member.invited',
          targetKind: 'customer',
          targetId: customerId,
          customerId,
          after: { invitationId: invitation.id, email, role },
        })
        return invitation
      })
    },

    async revoke(caller: Caller, customerId: string, id: string): Promise<void> {
      const { mode } = caller
      await database.transaction(async (tx) => {
        await accounts.lock(tx, mode, customerId)
        const open = await store.listOpen(tx, mode, customerId)
        const invitation = open.find((each) => each.id === id)
        if (invitation === undefined) throw notFound('invitation')
        await store.revoke(tx, mode, id, clocks.now(mode))
        await audit.record(tx, caller, {
          action: 'member.invitation_revoked',
          targetKind: 'customer',
          targetId: customerId,
          customerId,
          before: { invitationId: id, email: invitation.email, role: invitation.role },
        })
      })
    },

    /** What somebody who follows the link is asked; refused as accepting it would be. */
    read: (mode: Mode, token: string, joining: Joining) =>
      followed(database.db, mode, token, joining),

    /** The person acts for the account from here on. */
    async accept(caller: Caller, token: string, joining: Joining): Promise<void> {
      const { mode } = caller
      await database.transaction(async (tx) => {
        const { invitation } = await followed(tx, mode, token, joining)
        const { id, customerId, role } = invitation
        await accounts.lock(tx, mode, customerId)
        // Of two who follow the link at once, one joins.
        await followed(tx, mode, token, joining)
        await store.accept(tx, mode, id, clocks.now(mode))
        await accounts.addMemberIn(tx, caller, { customerId, userId: joining.userId, role })
      })
    },
  }
}
