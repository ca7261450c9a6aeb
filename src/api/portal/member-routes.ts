import type { MemberInvitation } from '../../domain/members/member-invitation.ts'
import { AppError } from '../../errors.ts'
import { formatInstant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { accountOf } from './account.ts'

/** The people of an account, and those who were asked to join them. */
export function memberRoutes({ accounts, members }: Services): Implementation[] {
  async function listOf(mode: Mode, customerId: string) {
    const all = await accounts.members(mode, customerId)
    const data = all.map(({ createdAt, ...member }) => {
      return { ...member, joinedAt: formatInstant(createdAt) }
    })
    return { data }
  }

  async function openOf(mode: Mode, customerId: string) {
    return { data: (await members.listOpen(mode, customerId)).map(invitationToApi) }
  }

  return [
    implement(contract.listOwnMembers, (_, { caller, customerId }) =>
      listOf(caller.mode, customerId),
    ),
    implement(contract.changeOwnMember, async ({ params, body }, { caller, customerId, user }) => {
      const change = { byUserId: user.userId, role: body.role }
      await accounts.changeMember(caller, customerId, params.userId, change)
      return listOf(caller.mode, customerId)
    }),
    implement(contract.removeOwnMember, async ({ params }, { caller, customerId, user }) => {
      const change = { byUserId: user.userId, role: null }
      await accounts.changeMember(caller, customerId, params.userId, change)
      return params
    }),
    implement(contract.listMemberInvitations, (_, { caller, customerId }) =>
      openOf(caller.mode, customerId),
    ),
    implement(contract.inviteMember, async ({ body }, { caller, customerId, user }) => {
      const asking = { userId: user.userId, customerId }
      return invitationToApi(await members.invite(caller, asking, body))
    }),
    implement(contract.revokeMemberInvitation, async ({ params }, { caller, customerId }) => {
      await members.revoke(caller, customerId, params.invitationId)
      return openOf(caller.mode, customerId)
    }),
    implement(contract.readMemberInvitation, async ({ body }, { caller, user }) => {
      const { invitation, customer } = await members.read(caller.mode, body.token, user)
      const { role, expiresAt } = invitation
      return { accountName: customer.name, role, expiresAt: formatInstant(expiresAt) }
    }),
    implement(contract.acceptMemberInvitation, async ({ body }, { caller, user }) => {
      await members.accept(caller, body.token, user)
      const account = await accountOf(accounts, caller.mode, user.userId)
      if (account === null) throw new AppError('no_account', {})
      return account
    }),
  ]
}

function invitationToApi({ id, email, role, createdAt, expiresAt }: MemberInvitation) {
  return {
    id,
    email,
    role,
    createdAt: formatInstant(createdAt),
    expiresAt: formatInstant(expiresAt),
  }
}
