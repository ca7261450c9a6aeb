import { getRouteApi } from '@tanstack/react-router'
import { isPayer } from './payer.ts'

const app = getRouteApi('/app')

/** Why the reader may not spend or end anything here; undefined when they may. */
export function useWhyNotPayer(): string | undefined {
  const { account } = app.useRouteContext()
  return isPayer(account.role) ? undefined : 'Only owners, admins and billing members may do this.'
}
