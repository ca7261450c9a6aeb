import { getRouteApi } from '@tanstack/react-router'

const route = getRouteApi('/app')

/** What an act takes; the API decides, this only says so before the operator has filled in a form. */
export type Permission =
  | 'catalog.write'
  | 'customers.write'
  | 'keys.write'
  | 'subscriptions.write'
  | 'payments.write'
  | 'webhooks.write'
  | 'settings.write'
  | 'audit.read'
  | 'clock.write'
  | 'operators.write'

const WORDS: Record<Permission, string> = {
  'catalog.write': 'change the catalog',
  'customers.write': 'change customers',
  'keys.write': 'issue or end API keys',
  'subscriptions.write': 'change subscriptions',
  'payments.write': 'move money',
  'webhooks.write': 'replay webhooks',
  'settings.write': 'change settings',
  'audit.read': 'read the audit log',
  'clock.write': 'advance time',
  'operators.write': 'manage operators',
}

/** Why the operator may not do this, for a control's `disabledReason`; undefined when they may. */
export function useRefusal(permission: Permission): string | undefined {
  const { session } = route.useRouteContext()
  if (session.permissions.includes(permission)) return undefined
  return `Your role does not allow you to ${WORDS[permission]}.`
}
