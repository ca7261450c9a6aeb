import type { Command } from 'commander'
import { parseInstant } from '../../kit/instant.ts'
import { parseDuration } from '../../kit/period.ts'
import { type CliContext, CliError } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson } from '../output.ts'

export function addClockCommands(program: Command, context: CliContext): void {
  const clock = program.command('clock').description('The time of test mode')

  clock
    .command('show')
    .description('What time it is in this mode')
    .addHelpText('after', examples('clock show', 'clock show --json'))
    .action(async () => {
      const reading = await context.client().get('/api/v1/clock')
      if (context.options().json === true) printJson(context, reading)
      else context.print(reading.now)
    })

  clock
    .command('advance <time>')
    .description('Move test mode forward: Stripe, quotas and billing together')
    .addHelpText('after', examples('clock advance P1M', 'clock advance 2027-01-01T00:00:00Z'))
    .action(async (time: string) => {
      const body =
        parseDuration(time) !== undefined
          ? { by: time }
          : parseInstant(time) !== undefined
            ? { to: time }
            : undefined
      if (body === undefined) {
        throw new CliError(
          `"${time}" is no time.`,
          'Give a duration such as P1M or a date-time such as 2027-01-01T00:00:00Z.',
        )
      }
      const reading = await context.client().post('/api/v1/clock/advance', { body })
      if (context.options().json === true) printJson(context, reading)
      else context.print(`It is ${reading.now} in test mode now.`)
    })
}
