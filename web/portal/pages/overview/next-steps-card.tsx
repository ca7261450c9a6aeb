import { Card } from '../../../ui/card.tsx'
import { ButtonLink } from '../../../ui/link.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Stepper } from '../../../ui/stepper.tsx'
import { paths } from '../../paths.ts'
import type { NextStep } from './next-steps.ts'

/** From a new account to the first answer: what is done, what comes next, and the way there. */
export function NextStepsCard({ steps }: { readonly steps: readonly NextStep[] }) {
  const next = steps.find(({ isDone }) => !isDone)
  return (
    <Card title="Getting started" description="Three steps to your first answer.">
      <Stack gap={5}>
        <Stepper
          label="Getting started"
          steps={steps.map((step) => ({
            label: step.label,
            state: step.isDone ? 'done' : 'waiting',
          }))}
        />
        <div>
          {next?.key === 'plan' ? (
            <ButtonLink to={paths.plans} variant="primary">
              Choose a plan
            </ButtonLink>
          ) : (
            <ButtonLink to={paths.quickstart} variant="primary">
              {next?.key === 'key' ? 'Show my API key' : 'Make your first call'}
            </ButtonLink>
          )}
        </div>
      </Stack>
    </Card>
  )
}
