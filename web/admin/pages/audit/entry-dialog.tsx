import { Button } from '../../../ui/button.tsx'
import { CodeBlock } from '../../../ui/code-block.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { ObjectLink } from '../../object-link.tsx'
import { actionWords, type AuditEntry, nounOf } from './present-entry.ts'

interface EntryDialogProps {
  readonly entry: (AuditEntry & { readonly who: string }) | undefined
  readonly onClose: () => void
}

/** Everything an entry holds; what changed is shown as it was written. */
export function EntryDialog({ entry, onClose }: EntryDialogProps) {
  if (entry === undefined) return null
  const samples = [
    { label: 'After', value: entry.after },
    { label: 'Before', value: entry.before },
  ].filter(({ value }) => value !== null && value !== undefined)
  return (
    <Dialog title={actionWords(entry.action)} size="lg" isOpen onOpenChange={onClose}>
      <Stack gap={4}>
        <KeyValueList
          isStacked
          items={[
            { label: 'Who', value: entry.who },
            { label: 'When', value: <Time at={entry.at} as="date-time" /> },
            ...(entry.happenedAt === entry.at
              ? []
              : [
                  {
                    label: 'In test mode’s time',
                    value: <Time at={entry.happenedAt} as="date-time" />,
                  },
                ]),
            {
              label: nounOf(entry.targetKind),
              value: (
                <ObjectLink
                  kind={entry.targetKind}
                  id={entry.targetId}
                  customerId={entry.customerId}
                />
              ),
            },
            { label: 'Action', value: <code>{entry.action}</code> },
            { label: 'From address', value: entry.ip },
            {
              label: 'Request',
              value:
                entry.requestId === null ? null : (
                  <CopyText text={entry.requestId} label="request id" />
                ),
            },
          ]}
        />
        {samples.length > 0 && (
          <CodeBlock
            label="What changed"
            samples={samples.map(({ label, value }) => ({
              language: 'json' as const,
              label,
              source: JSON.stringify(value, null, 2),
            }))}
          />
        )}
        <DialogActions>
          <Button onClick={onClose}>Close</Button>
        </DialogActions>
      </Stack>
    </Dialog>
  )
}
