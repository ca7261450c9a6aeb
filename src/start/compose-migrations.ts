import { createAudiences } from '../domain/migrations/audience.service.ts'
import { createMigrations } from '../domain/migrations/service.ts'
import { createSteps } from '../domain/migrations/steps.service.ts'
import { type DueWork, joinDueWork } from './money-due.ts'

type Parts = Parameters<typeof createAudiences>[0] &
  Parameters<typeof createSteps>[0] &
  Omit<Parameters<typeof createMigrations>[0], 'audiences' | 'steps'> & {
    readonly moneyDue: DueWork
    readonly changes: DueWork
    readonly phaseSchedules: DueWork
  }

/** Moving subscribers to another version: on top of changes of plan and of mails. */
export function composeMigrations(parts: Parts) {
  const audiences = createAudiences(parts)
  const steps = createSteps(parts)
  const migrations = createMigrations({ ...parts, audiences, steps })
  const { changes, moneyDue, phaseSchedules } = parts
  return { migrations, moneyDue: joinDueWork([changes, phaseSchedules, moneyDue, migrations]) }
}
