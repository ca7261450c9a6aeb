import { type FormEvent, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'
import { Menu } from '../ui/menu.tsx'
import { Stack } from '../ui/stack.tsx'
import { TextInput } from '../ui/text-input.tsx'
import type { Mode } from './mode.ts'
import styles from './mode-switch.module.css'

interface ModeSwitchProps {
  readonly mode: Mode
  readonly isLiveConfigured: boolean
  readonly onSwitch: (mode: Mode) => void
}

/** Live is where the money is: going there takes the word, coming back takes a click. */
export function ModeSwitch({ mode, isLiveConfigured, onSwitch }: ModeSwitchProps) {
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <Menu
        align="start"
        trigger={
          <button type="button" className={styles.trigger} data-mode={mode}>
            <span className={styles.dot} />
            {mode === 'live' ? 'Live mode' : 'Test mode'}
            <Icon name="chevron-up-down" />
          </button>
        }
        sections={[
          {
            items: [
              {
                label: 'Test mode',
                hint: 'Simulated or test payments',
                isChecked: mode === 'test',
                onSelect: () => {
                  if (mode === 'live') onSwitch('test')
                },
              },
              {
                label: 'Live mode',
                hint: 'Real customers, real money',
                isChecked: mode === 'live',
                disabledReason: isLiveConfigured ? undefined : 'Add a live Stripe key first',
                onSelect: () => {
                  if (mode === 'test') setAsking(true)
                },
              },
            ],
          },
        ]}
      />
      <Dialog
        title="Go to live mode?"
        size="sm"
        isOpen={isAsking}
        onOpenChange={setAsking}
        description="What you do there concerns real customers and moves real money."
      >
        <LiveQuestion onConfirm={() => onSwitch('live')} />
      </Dialog>
    </>
  )
}

function LiveQuestion({ onConfirm }: { readonly onConfirm: () => void }) {
  const [word, setWord] = useState('')
  const isRight = word.trim().toLowerCase() === 'live'
  function submit(event: FormEvent) {
    event.preventDefault()
    if (isRight) onConfirm()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Field label="Type live to continue">
          <TextInput
            isMono
            autoComplete="off"
            spellCheck={false}
            value={word}
            onChange={(event) => setWord(event.target.value)}
          />
        </Field>
        <DialogActions>
          <DialogCancel>Stay in test mode</DialogCancel>
          <Button
            type="submit"
            variant="primary"
            disabledReason={isRight ? undefined : 'Type the word live first.'}
          >
            Go live
          </Button>
        </DialogActions>
      </Stack>
    </form>
  )
}
