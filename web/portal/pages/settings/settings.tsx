import { useQuery } from '@tanstack/react-query'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { ClockOffset } from '../../../ui/clock.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import type { SignedInSession } from '../../../ui/auth/sessions.ts'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { sessionsQuery } from '../../queries.ts'
import { AccountCard } from './account-card.tsx'
import { MailsCard } from './mails-card.tsx'
import { PeopleCard } from './people-card.tsx'
import { PasswordCard } from './password-card.tsx'
import { ProfileCard } from './profile-card.tsx'
import { SignOutEverywhere } from './sign-out-everywhere.tsx'
import { SESSION_HEADS, SettingsHeader } from './skeleton.tsx'

const SESSIONS: readonly Column<SignedInSession>[] = withCells(SESSION_HEADS, {
  device: ({ device, isCurrent }) => (
    <Stack direction="row" gap={2} canWrap>
      {device}
      {isCurrent && <Badge tone="success">this one</Badge>}
    </Stack>
  ),
  address: ({ address }) => address ?? '–',
  since: ({ createdAt }) => <Time at={createdAt} />,
})

export function SettingsPage() {
  const sessions = useQuery(sessionsQuery)
  return (
    <Stack gap={6}>
      <SettingsHeader />
      <AccountCard />
      <PeopleCard />
      <MailsCard />
      <ProfileCard />
      <PasswordCard />
      {/* People sign in at real times, wherever the account's clock stands. */}
      <ClockOffset offsetMs={0}>
        <Card isFlush title="Where you are signed in" footer={<SignOutEverywhere />}>
          <DataTable
            label="Where you are signed in"
            columns={SESSIONS}
            rows={sessions.data}
            rowKey={({ id }) => id}
            skeletonRows={1}
            error={sessions.error}
            onRetry={() => void sessions.refetch()}
            empty={null}
          />
        </Card>
      </ClockOffset>
    </Stack>
  )
}
