import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ResponseOf } from '../../../../src/client/client.ts'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ClockOffset } from '../../../ui/clock.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { RowLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { paths } from '../../paths.ts'
import { mailboxQuery } from '../../queries.ts'
import styles from './page.module.css'
import { splitLinks } from './split-links.ts'
import { HEADS } from './skeleton.tsx'

type Message = ResponseOf<'get', '/api/v1/mailbox'>['data'][number]

const route = getRouteApi('/app/mailbox')

const COLUMNS: readonly Column<Message>[] = [
  {
    ...HEADS[0],
    cell: (message) => (
      <RowLink to={paths.mailbox} search={{ message: message.id }}>
        {message.subject}
      </RowLink>
    ),
  },
  { ...HEADS[1], cell: (message) => message.to },
  { ...HEADS[2], cell: (message) => <Time at={message.sentAt} as="date-time" /> },
]

/** Mail that would have left this machine, so that links in it can be followed while developing. */
export function MailboxPage() {
  const { message: openId } = route.useSearch()
  const navigate = route.useNavigate()
  const { data, refetch, isFetching } = useSuspenseQuery(mailboxQuery)
  const message = data.data.find(({ id }) => id === openId)
  return (
    <ClockOffset offsetMs={0}>
      <Stack gap={4}>
        <PageHeader
          title="Mailbox"
          description="While no mail server is configured, mail stays here instead of leaving this machine."
          actions={
            <Button icon="refresh" isPending={isFetching} onClick={() => void refetch()}>
              Look again
            </Button>
          }
        />
        <Card isFlush>
          <DataTable
            label="Mail"
            columns={COLUMNS}
            rows={data.data}
            rowKey={({ id }) => id}
            empty={
              <EmptyState
                icon="mail"
                title="No mail"
                description="Sign-in links, invitations and notices about invoices appear here. With a mail server configured they are sent instead, and this stays empty."
              />
            }
          />
        </Card>
        {message !== undefined && (
          <MessageDialog
            message={message}
            onClose={() => void navigate({ search: {}, replace: true })}
          />
        )}
      </Stack>
    </ClockOffset>
  )
}

interface MessageDialogProps {
  readonly message: Message
  readonly onClose: () => void
}

function MessageDialog({ message, onClose }: MessageDialogProps) {
  return (
    <Dialog title={message.subject} size="lg" isOpen onOpenChange={onClose}>
      <Stack gap={4}>
        <KeyValueList
          items={[
            { label: 'To', value: message.to },
            { label: 'Sent', value: <Time at={message.sentAt} as="date-time" /> },
          ]}
        />
        <p className={styles.text}>
          {splitLinks(message.text).map(({ text, href, start }) =>
            href === undefined ? (
              text
            ) : (
              <a key={start} href={href} target="_blank" rel="noreferrer">
                {text}
              </a>
            ),
          )}
        </p>
        <DialogActions>
          <Button onClick={onClose}>Close</Button>
        </DialogActions>
      </Stack>
    </Dialog>
  )
}
