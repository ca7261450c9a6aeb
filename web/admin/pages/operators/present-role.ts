import type { ResponseOf } from '../../../../src/client/client.ts'

type Role = ResponseOf<'get', '/api/v1/operators'>['data'][number]['roles'][number]

const ROLES: Record<Role, string> = {
  super_admin: 'super admin',
  support_admin: 'support',
  finance_admin: 'finance',
  developer: 'developer',
  read_only: 'read only',
}

export function roleWords(role: Role): string {
  return ROLES[role]
}
