import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { formatDateTime } from '../../../ui/format.ts'
import { SegmentedControl } from '../../../ui/segmented-control.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import styles from './advance-time.module.css'
import { type Happening, summarizeEntries } from './what-happened.ts'

const STEPS = [
  { value: 'P1D', label: 'A day' },
  { value: 'P1W', label: 'A week' },
  { value: 'P1M', label: 'A month' },
  { value: 'custom', label: 'Until…' },
] as const

interface AdvanceTimeProps {
  readonly isMovable: boolean
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}

interface Outcome {
  readonly now: string
  readonly happenings: readonly Happening[]
}

/** Moves test mode forward and says what came of it. */
export function AdvanceTime({ isMovable, isOpen, onOpenChange }: AdvanceTimeProps) {
  const refusal = useRefusal('clock.write')
  const [outcome, setOutcome] = useState<Outcome>()
  const reason =
    refusal ?? (isMovable ? undefined : 'Only the simulated Stripe has a clock to move.')
  return (
    <Dialog
      title={outcome === undefined ? 'Advance time' : 'Time has passed'}
      description={
        outcome === undefined
          ? 'Stripe, quotas and billing move together, as if the time had passed. It cannot be turned back.'
          : `It is now ${formatDateTime(outcome.now)} in test mode.`
      }
      isOpen={isOpen}
      onOpenChange={(next) => {
        if (!next) setOutcome(undefined)
        onOpenChange(next)
      }}
      trigger={
        <Button icon="clock" disabledReason={reason}>
          Advance time
        </Button>
      }
    >
      {outcome === undefined ? (
        <AdvanceForm onDone={setOutcome} />
      ) : (
        <Happened
          outcome={outcome}
          onAgain={() => setOutcome(undefined)}
          onClose={() => {
            setOutcome(undefined)
            onOpenChange(false)
          }}
        />
      )}
    </Dialog>
  )
}

function AdvanceForm({ onDone }: { readonly onDone: (outcome: Outcome) => void }) {
  const queryClient = useQueryClient()
  const [step, setStep] = useState<(typeof STEPS)[number]['value']>('P1M')
  const now = useNow()
  return (
    <Form
      onSubmit={async (values, { idempotencyKey }) => {
        const before = await newestEntry()
        const body =
          step === 'custom' ? { to: new Date(textOf(values, 'to')).toISOString() } : { by: step }
        const moved = await client.post('/api/v1/clock/advance', { body, idempotencyKey })
        const happenings = summarizeEntries(await entriesAfter(before))
        // Everything there is lives at another time now.
        await queryClient.invalidateQueries()
        onDone({ now: moved.now, happenings })
      }}
    >
      <p>
        It is <strong>{formatDateTime(new Date(now).toISOString())}</strong> in test mode.
      </p>
      <SegmentedControl label="How far" options={STEPS} value={step} onChange={setStep} />
      {step === 'custom' && (
        <Field name="to" label="Until" hint="In your time zone.">
          <TextInput type="datetime-local" required min={localInput(now)} />
        </Field>
      )}
      <DialogActions>
        <DialogCancel />
        <SubmitButton icon="clock">Advance time</SubmitButton>
      </DialogActions>
    </Form>
  )
}

interface HappenedProps {
  readonly outcome: Outcome
  readonly onAgain: () => void
  readonly onClose: () => void
}

function Happened({ outcome: { happenings }, onAgain, onClose }: HappenedProps) {
  return (
    <Stack gap={4}>
      {happenings.length === 0 ? (
        <Banner tone="neutral" title="Nothing was due">
          No period ended and nothing had to be paid in that time.
        </Banner>
      ) : (
        <ul className={styles.happenings}>
          {happenings.map(({ action, words }) => (
            <li key={action}>{words}</li>
          ))}
        </ul>
      )}
      <DialogActions>
        <Button onClick={onAgain}>Advance further</Button>
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </DialogActions>
    </Stack>
  )
}

const PAGE = 100
const MAX_PAGES = 20

async function newestEntry(): Promise<string | undefined> {
  const { data } = await client.get('/api/v1/audit-entries', { query: { limit: 1 } })
  return data[0]?.id
}

/** The entries written since, newest first; of a long time with many customers the newest two thousand. */
async function entriesAfter(id: string | undefined) {
  const found: { readonly id: string; readonly action: string }[] = []
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor }
    const { data, nextCursor } = await client.get('/api/v1/audit-entries', { query })
    const end = data.findIndex((entry) => entry.id === id)
    found.push(...(end < 0 ? data : data.slice(0, end)))
    if (end >= 0 || nextCursor === null) break
    cursor = nextCursor
  }
  return found
}

/** A moment as a local date-time control wants it. */
function localInput(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}
