import { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addAfterSalesCommands } from './commands/after-sales.ts'
import { addBillingCommands } from './commands/billing.ts'
import { addClockCommands } from './commands/clock.ts'
import { addCouponCommands } from './commands/coupons.ts'
import { addCustomerCommands } from './commands/customers.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addBudgetCommands } from './commands/budgets.ts'
import { addCreditCommands } from './commands/credits.ts'
import { addEventCommands } from './commands/events.ts'
import { addInvoiceCommands } from './commands/invoices.ts'
import { addKeyCommands } from './commands/keys.ts'
import { addPlanCommands } from './commands/plans.ts'
import { addReportCommands } from './commands/reports.ts'
import { addSettingCommands } from './commands/settings.ts'
import { addSimulatorCommand } from './commands/simulator.ts'
import { addStripeCommands } from './commands/stripe.ts'
import { addStartCommands } from './commands/start.ts'
import { addSubscriptionCommands } from './commands/subscriptions.ts'
import { addUsageCommands } from './commands/usage.ts'
import type { CliContext, GlobalOptions } from './context.ts'

const { version: VERSION } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
) as { version: string }

const EXIT_CODES = `Exit codes:
  0  done
  1  failed
  2  canceled by the user
  3  the file and what is on sale differ (plans diff)
  4  a login is needed: set FAREBOX_URL and FAREBOX_TOKEN, or run on the machine of "farebox start"`

export function createProgram(context: CliContext): Command {
  const program = new Command('farebox')
    .description('Puts a price on any API.')
    .version(VERSION, '-V, --version')
    .option('--json', 'print JSON; fields are only ever added')
    .option('--live', 'work in live mode; without it everything happens in test mode')
    .option('--url <address>', 'address of the console (FAREBOX_URL)')
    .option('--token <token>', 'API token of an operator (FAREBOX_TOKEN)')
    .option('--data <folder>', 'data folder of this machine (FAREBOX_DATA)')
    .option('--config <file>', 'configuration file, farebox.yaml by default')
    .option('-y, --yes', 'answer yes where a command would ask')
    .option('--debug', 'show stack traces')
    .configureOutput({
      writeOut: (text) => void context.process.stdout.write(text),
      writeErr: (text) => void context.process.stderr.write(text),
    })
    .showHelpAfterError('Run with --help to see what is possible.')
    .exitOverride()
    .addHelpText('after', `\n${EXIT_CODES}`)
    .hook('preAction', (_, action) => context.setOptions(action.optsWithGlobals<GlobalOptions>()))

  addStartCommands(program, context)
  addSimulatorCommand(program, context)
  addDoctorCommand(program, context)
  addPlanCommands(program, context)
  addCouponCommands(program, context)
  addCustomerCommands(program, context)
  addSubscriptionCommands(program, context)
  addBillingCommands(program, context)
  addInvoiceCommands(program, context)
  addAfterSalesCommands(program, context)
  addKeyCommands(program, context)
  addEventCommands(program, context)
  addBudgetCommands(program, context)
  addCreditCommands(program, context)
  addStripeCommands(program, context)
  addReportCommands(program, context)
  addUsageCommands(program, context)
  addClockCommands(program, context)
  addSettingCommands(program, context)
  for (const command of allCommands(program)) command.exitOverride().copyInheritedSettings(program)
  return program
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)])
}
