import type { ResponseOf } from '../../../../src/client/client.ts'

export type Overview = ResponseOf<'get', '/api/v1/portal/overview'>

/** Whether anything was ever called with this account. Usage that was reported without a call counts too. */
export function hasUsage({ hasCalled, quotas }: Overview): boolean {
  return hasCalled || quotas.some(({ used }) => Number(used) > 0)
}
