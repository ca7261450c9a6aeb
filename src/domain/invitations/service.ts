import { AppError, invalidRequest, notFound } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { PlanVersion } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import { dayOf } from '../notifications/notification.ts'
import type { Notifications } from '../notifications/service.ts'
import { decideAcceptance, type Visitor } from './decide-acceptance.ts'
import { expiry, type Guest, hashToken, type Invitation, newToken } from './invitation.ts'
import * as store from './store.ts'

interface InvitationsDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly catalog: Catalog
  readonly clocks: Clocks
  readonly database: Database
  readonly notifications: Notifications
}

export interface InviteInput {
  readonly planKey: string
  readonly guest: Guest
  readonly expiresInDays: number
}

export interface ReadInvitation {
  readonly invitation: Invitation
  readonly plan: PlanVersion
}

export type Invitations = ReturnType<typeof createInvitations>

/** Invitations to private plans. */
export function createInvitations(deps: InvitationsDeps) {
  const { accounts, audit, catalog, clocks, database, notifications } = deps

  async function get(mode: Mode, id: string): Promise<Invitation> {
    const invitation = await store.find(database.db, mode, id)
    if (invitation === undefined) throw notFound('invitation')
    return invitation
  }

  function accepted(mode: Mode, found: Invitation | undefined, visitor: Visitor): Invitation {
    const decision = decideAcceptance(found, visitor, clocks.now(mode))
    if (decision.kind === 'accept') return decision.invitation
    throw new AppError('invitation_not_valid', { reason: decision.reason })
  }

  return {
    list: (mode: Mode, planKey: string, page: PageRequest): Promise<Page<Invitation>> =>
      store.list(database.db, mode, planKey, page),

    /** One link works at a time: inviting somebody again replaces what they have not accepted. */
    async invite(
      caller: Caller,
      { planKey, guest, expiresInDays }: InviteInput,
    ): Promise<Invitation> {
      const { mode } = caller
      const { definition } = await catalog.getActive(mode, planKey)
      if (definition.visibility === 'public') {
        const message = 'is for everybody: nobody needs an invitation'
        throw invalidRequest([{ path: 'planKey', message }])
      }
      const token = newToken()
      const now = clocks.now(mode)
      const customerId = guest.kind === 'customer' ? guest.customerId : null
      const invitation: Invitation = {
        mode,
        id: newId('invitation', now),
        planKey,
        guest,
        createdAt: now,
        expiresAt: expiry(now, expiresInDays),
        acceptedAt: null,
        acceptedBy: null,
        revokedAt: null,
      }
      await database.transaction(async (tx) => {
        const customer = customerId === null ? null : await accounts.lock(tx, mode, customerId)
        await store.revokeOpen(tx, mode, planKey, guest, now)
        await store.insert(tx, invitation, hashToken(token))
        const expiresOn = dayOf(invitation.expiresAt, customer?.timeZone ?? 'UTC')
        await notifications.tell(tx, {
          mode,
          template: 'plan_invitation',
          ...(guest.kind === 'address' ? { customerId: null, to: guest.email } : guest),
          payload: { plan: definition.name, expiresOn, sealedToken: notifications.seal(token) },
          dedupeKey: `invitation:${invitation.id}`,
        })
        await audit.record(tx, caller, {
          action: 'invitation.sent',
          targetKind: 'plan',
          targetId: planKey,
          customerId,
          after: { invitationId: invitation.id, guest, expiresAt: invitation.expiresAt },
        })
      })
      return invitation
    },

    /** What somebody who follows the link is offered; refused as accepting it would be. */
    async read(mode: Mode, token: string, visitor: Visitor): Promise<ReadInvitation> {
      const found = await store.findByToken(database.db, mode, hashToken(token))
      const invitation = accepted(mode, found, visitor)
      return { invitation, plan: await catalog.getActive(mode, invitation.planKey) }
    },

    /** The account may choose the plan from here on. */
    async accept(caller: Caller, token: string, email: string, customerId: string) {
      const { mode } = caller
      return database.transaction(async (tx) => {
        await accounts.lock(tx, mode, customerId)
        const found = await store.lockByToken(tx, mode, hashToken(token))
        const invitation = accepted(mode, found, { email, customerId })
        await store.accept(tx, invitation, customerId, clocks.now(mode))
        await audit.record(tx, caller, {
          action: 'invitation.accepted',
          targetKind: 'plan',
          targetId: invitation.planKey,
          customerId,
          after: { invitationId: invitation.id },
        })
        return invitation
      })
    },

    async revoke(caller: Caller, id: string): Promise<Invitation> {
      const { mode } = caller
      const { planKey, guest, acceptedBy } = await get(mode, id)
      await database.transaction(async (tx) => {
        if (acceptedBy !== null) await accounts.lock(tx, mode, acceptedBy)
        if (!(await store.revoke(tx, mode, id, clocks.now(mode)))) return
        await audit.record(tx, caller, {
          action: 'invitation.revoked',
          targetKind: 'plan',
          targetId: planKey,
          customerId: acceptedBy,
          before: { invitationId: id, guest },
        })
      })
      return get(mode, id)
    },
  }
}
