import { Badge, type Tone } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Menu } from '../../ui/menu.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { Pagination } from '../../ui/pagination.tsx'
import { Stack } from '../../ui/stack.tsx'
import { Time } from '../../ui/time.tsx'
import { KEYS, type SampleKey } from '../samples.ts'

const TONES: Record<SampleKey['status'], Tone> = {
  active: 'success',
  rotating: 'warning',
  revoked: 'neutral',
}

const COLUMNS: readonly Column<SampleKey>[] = [
  { key: 'name', header: 'Name', cell: (key) => key.name },
  { key: 'key', header: 'Key', width: '9rem', cell: (key) => <code>{key.masked}</code> },
  {
    key: 'status',
    header: 'Status',
    width: '7rem',
    cell: (key) => <Badge tone={TONES[key.status]}>{key.status}</Badge>,
  },
  {
    key: 'created',
    header: 'Created',
    width: '9rem',
    isSecondary: true,
    cell: (key) => <Time at={key.createdAt} />,
  },
  {
    key: 'used',
    header: 'Last used',
    width: '9rem',
    cell: (key) => (key.lastUsedAt === null ? 'never' : <Time at={key.lastUsedAt} />),
  },
  { key: 'menu', header: '', width: '4rem', align: 'end', cell: () => <KeyMenu /> },
]

export function PortalKeys() {
  return (
    <Stack gap={6}>
      <PageHeader
        title="API keys"
        description="A key lets a program call the API at your cost. Use one for each place it runs in."
        actions={
          <Button variant="primary" icon="plus">
            Create key
          </Button>
        }
      />
      <Card isFlush>
        <DataTable
          label="API keys"
          rows={KEYS}
          rowKey={(key) => key.id}
          empty={<EmptyState icon="key" title="No API keys yet" description="Create the first." />}
          columns={COLUMNS}
          footer={<Pagination summary="4 keys" />}
        />
      </Card>
    </Stack>
  )
}

function KeyMenu() {
  return (
    <Menu
      trigger={<IconButton icon="dots" label="Actions" size="sm" />}
      sections={[
        {
          items: [
            { label: 'Rename', icon: 'edit' },
            { label: 'Rotate', icon: 'refresh', hint: 'The old key works for another day' },
          ],
        },
        { items: [{ label: 'Revoke', icon: 'ban', tone: 'danger' }] },
      ]}
    />
  )
}
