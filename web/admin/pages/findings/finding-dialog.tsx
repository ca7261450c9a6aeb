import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { CodeBlock } from '../../../ui/code-block.tsx'
import { Dialog, DialogActions } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { TextArea } from '../../../ui/text-input.tsx'
import { Time } from '../../../ui/time.tsx'
import { client } from '../../api.ts'
import type { Named } from '../../customer-names.ts'
import { ObjectLink } from '../../object-link.tsx'
import { useRefusal } from '../../permissions.ts'
import { categoryOf, type Finding, stateOf, valueText } from './present-finding.ts'

interface FindingDialogProps {
  readonly finding: Named<Finding>
  readonly onClose: () => void
}

/** What we have and what they have, side by side, and the one thing to do about it. */
export function FindingDialog({ finding, onClose }: FindingDialogProps) {
  const [isDismissing, setDismissing] = useState(false)
  const refusal = useRefusal('payments.write')
  const isOpen = finding.state === 'open'
  return (
    <Dialog title={finding.summary} size="lg" isOpen onOpenChange={onClose}>
      <Stack gap={4}>
        <KeyValueList items={factsOf(finding)} />
        <Grid gap={3} minWidth="16rem">
          <Side label="Here" value={finding.ours} />
          <Side label="In Stripe" value={finding.theirs} />
        </Grid>
        {isDismissing ? (
          <Dismiss finding={finding} onDone={onClose} />
        ) : (
          <DialogActions>
            {isOpen && (
              <Button disabledReason={refusal} onClick={() => setDismissing(true)}>
                Nothing needs to be done…
              </Button>
            )}
            <Button variant="primary" onClick={onClose}>
              Close
            </Button>
          </DialogActions>
        )}
      </Stack>
    </Dialog>
  )
}

function factsOf(finding: Named<Finding>) {
  const { word, meaning } = stateOf(finding)
  const { customerId, customerName, note, settledAt } = finding
  return [
    { label: 'Status', value: `${word}: ${meaning}` },
    { label: 'Kind', value: categoryOf(finding) },
    { label: 'About', value: <ObjectLink kind={finding.subjectKind} id={finding.subjectId} /> },
    ...(customerId === null
      ? []
      : [
          {
            label: 'Customer',
            value: <ObjectLink kind="customer" id={customerId} name={customerName} />,
          },
        ]),
    { label: 'Found', value: <Time at={finding.foundAt} as="date-time" /> },
    { label: 'Last seen', value: <Time at={finding.seenAt} as="date-time" /> },
    ...(settledAt === null
      ? []
      : [{ label: 'Settled', value: <Time at={settledAt} as="date-time" /> }]),
    ...(note === null ? [] : [{ label: 'Note', value: note }]),
  ]
}

function Side({ label, value }: { readonly label: string; readonly value: unknown }) {
  return (
    <CodeBlock label={label} samples={[{ language: 'json', label, source: valueText(value) }]} />
  )
}

interface DismissProps {
  readonly finding: Finding
  readonly onDone: () => void
}

function Dismiss({ finding, onDone }: DismissProps) {
  const queryClient = useQueryClient()
  return (
    <Form
      onSuccess={onDone}
      onSubmit={async (values, { idempotencyKey }) => {
        await client.post('/api/v1/findings/{findingId}/dismiss', {
          params: { findingId: finding.id },
          body: { note: textOf(values, 'note') },
          idempotencyKey,
        })
        await Promise.all(
          ['findings', 'summary', 'audit'].map((key) =>
            queryClient.invalidateQueries({ queryKey: [key] }),
          ),
        )
      }}
    >
      <Field
        name="note"
        label="Why nothing needs to be done"
        hint="Kept with the finding. It comes back when the values change again."
      >
        <TextArea required name="note" rows={2} maxLength={500} />
      </Field>
      <DialogActions>
        <SubmitButton>Dismiss finding</SubmitButton>
      </DialogActions>
    </Form>
  )
}
