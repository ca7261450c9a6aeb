import type { Accounts } from '../../domain/accounts/service.ts'
import type { Mode } from '../../kit/mode.ts'

/** The account a portal user acts for, as they see it; null while they have none. */
export async function accountOf(accounts: Accounts, mode: Mode, userId: string) {
  const [membership] = await accounts.memberships(mode, userId)
  if (membership === undefined) return null
  const { id, name, email, timeZone } = await accounts.get(mode, membership.customerId)
  return { id, name, email, role: membership.role, timeZone }
}
