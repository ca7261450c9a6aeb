import type { Instant } from '../../kit/instant.ts'

export type Role = 'super_admin' | 'support_admin' | 'finance_admin' | 'developer' | 'read_only'

/** What an operator may do. Reading what everyone needs to do their work is one permission. */
export type Permission =
  | 'read'
  | 'catalog.write'
  | 'customers.write'
  | 'keys.write'
  | 'subscriptions.write'
  | 'payments.write'
  /** Counting usage: decisions about calls, and events. */
  | 'usage.write'
  | 'webhooks.write'
  | 'settings.write'
  | 'audit.read'
  | 'clock.write'
  | 'operators.write'

const GRANTED: Record<Role, readonly Permission[] | 'everything'> = {
  super_admin: 'everything',
  support_admin: ['read', 'customers.write', 'keys.write', 'audit.read'],
  finance_admin: ['read', 'subscriptions.write', 'payments.write', 'audit.read'],
  developer: [
    'read',
    'catalog.write',
    'keys.write',
    'usage.write',
    'webhooks.write',
    'settings.write',
    'clock.write',
  ],
  read_only: ['read'],
}

export function hasPermission(roles: readonly Role[], permission: Permission): boolean {
  return roles.some((role) => {
    const granted = GRANTED[role]
    return granted === 'everything' || granted.includes(permission)
  })
}

/** A person using the admin center. */
export interface Operator {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly roles: readonly Role[]
  readonly createdAt: Instant
}

/** The credential of an operator's program, such as the CLI. It may do what its operator may. */
export interface OperatorToken {
  readonly id: string
  readonly operatorId: string
  readonly name: string
  readonly start: string
  readonly createdAt: Instant
  readonly expiresAt: Instant | null
  readonly lastUsedAt: Instant | null
}
