import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton } from '../../../ui/form.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { TextArea, TextInput } from '../../../ui/text-input.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import { disputeQuery } from '../../money-queries.ts'
import { type Dispute, EVIDENCE_FIELDS, refusalToAnswer, writtenOf } from './present-dispute.ts'

/** What the bank will read, drafted from usage and open to be written by hand. */
export function EvidenceForm({ dispute }: { readonly dispute: Dispute }) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('payments.write') ?? refusalToAnswer(dispute)
  const [evidence, setEvidence] = useState(dispute.evidence)
  const params = { disputeId: dispute.id }
  const written = `${writtenOf(evidence)} of ${EVIDENCE_FIELDS.length} written`
  return (
    <Card
      title="Evidence"
      description="Drafted from what the customer used. Read it as the bank will, and correct it."
      actions={
        <Stack direction="row" gap={2}>
          <Badge>{written}</Badge>
          <ConfirmDialog
            title="Draft the evidence anew?"
            object={[{ label: 'Written now', value: written }]}
            consequences={[
              'What is written here is replaced by a draft of what is known now.',
              'Nothing is handed in by this.',
            ]}
            verb="Draft anew"
            trigger={
              <Button size="sm" icon="refresh" disabledReason={refusal}>
                Draft anew
              </Button>
            }
            onConfirm={async ({ idempotencyKey }) => {
              const next = await client.post('/api/v1/disputes/{disputeId}/evidence/draft', {
                params,
                idempotencyKey,
              })
              setEvidence(next.evidence)
              queryClient.setQueryData(disputeQuery(dispute.id).queryKey, next)
            }}
          />
        </Stack>
      }
    >
      <Form
        onSubmit={async (_, { idempotencyKey }) => {
          const next = await client.put('/api/v1/disputes/{disputeId}/evidence', {
            params,
            body: evidence,
            idempotencyKey,
          })
          queryClient.setQueryData(disputeQuery(dispute.id).queryKey, next)
          announce({ title: 'Evidence saved', description: 'It is not handed in yet.' })
        }}
      >
        {EVIDENCE_FIELDS.map(({ key, label, hint, isLong }) => {
          const value = evidence[key] ?? ''
          const write = (text: string) => setEvidence({ ...evidence, [key]: text })
          return (
            <Field key={key} name={key} label={label} hint={hint} isOptional>
              {isLong ? (
                <TextArea
                  name={key}
                  rows={value.length > 200 ? 8 : 3}
                  maxLength={20_000}
                  readOnly={refusal !== undefined}
                  value={value}
                  onChange={({ target }) => write(target.value)}
                />
              ) : (
                <TextInput
                  name={key}
                  autoComplete="off"
                  readOnly={refusal !== undefined}
                  value={value}
                  onChange={({ target }) => write(target.value)}
                />
              )}
            </Field>
          )
        })}
        <Stack direction="row" justify="end">
          <SubmitButton disabledReason={refusal}>Save evidence</SubmitButton>
        </Stack>
      </Form>
    </Card>
  )
}
