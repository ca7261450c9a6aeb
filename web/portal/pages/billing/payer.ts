import type { ResponseOf } from '../../../../src/client/client.ts'

export type Role = NonNullable<ResponseOf<'get', '/api/v1/portal/session'>['account']>['role']

/** Who may decide about money; the API has the last word. */
const PAYERS: ReadonlySet<Role> = new Set(['owner', 'admin', 'billing'])

export function isPayer(role: Role): boolean {
  return PAYERS.has(role)
}
