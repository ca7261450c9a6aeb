import { ListSkeleton } from '../../page-skeletons.tsx'

export const OPERATOR_HEADS = [
  { key: 'name', header: 'Operator' },
  { key: 'email', header: 'Email' },
  { key: 'roles', header: 'Roles' },
  { key: 'since', header: 'Since', width: '9rem', align: 'end' },
] as const

export const TOKEN_HEADS = [
  { key: 'name', header: 'Name' },
  { key: 'start', header: 'Token', width: '10rem' },
  { key: 'used', header: 'Last used', width: '10rem' },
  { key: 'expires', header: 'Expires', width: '10rem' },
  { key: 'created', header: 'Created', width: '9rem', isSecondary: true },
  { key: 'actions', header: '', width: '6rem', align: 'end' },
] as const

export function OperatorsSkeleton() {
  return <ListSkeleton title="Operators & tokens" heads={OPERATOR_HEADS} rows={3} isBare />
}
