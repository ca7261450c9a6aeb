import { Card } from '../../../ui/card.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export const MEMBER_HEADS = [
  { key: 'name', header: 'Name' },
  { key: 'email', header: 'Email' },
  { key: 'role', header: 'Role', width: '9rem' },
  { key: 'actions', header: '', align: 'end', width: '8rem' },
] as const

export const INVITATION_HEADS = [
  { key: 'email', header: 'Email' },
  { key: 'until', header: 'Until' },
  { key: 'role', header: 'Role', width: '9rem' },
  { key: 'actions', header: '', align: 'end', width: '8rem' },
] as const

export const SESSION_HEADS = [
  { key: 'device', header: 'Where' },
  { key: 'address', header: 'Address', width: '11rem', isSecondary: true },
  { key: 'since', header: 'Since', width: '10rem' },
] as const

export function SettingsSkeleton() {
  return (
    <Stack gap={6}>
      <SettingsHeader />
      {[1, 2, 3].map((card) => (
        <Card key={card}>
          <Skeleton lines={3} height="1.125rem" />
        </Card>
      ))}
    </Stack>
  )
}

export function SettingsHeader() {
  return <PageHeader title="Settings" description="The account, its people, and how you sign in." />
}
