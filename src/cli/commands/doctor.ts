import type { Command } from 'commander'
import { styleText } from 'node:util'
import type { Client } from '../../client/client.ts'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson } from '../output.ts'

interface Check {
  readonly name: string
  readonly isFine: boolean
  readonly found: string
  /** What to do about it; empty where nothing is wrong. */
  readonly remedy: string
}

const MAX_CLOCK_SKEW_MS = 30_000

export function addDoctorCommand(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('Check what commonly goes wrong, with the remedy for each')
    .addHelpText('after', examples('doctor', 'doctor --live --json'))
    .action(async () => {
      const client = context.client()
      const checks = [
        ...(await checkSystem(client)),
        ...(await checkStripe(client)),
        ...(await checkCatalog(client)),
      ]
      if (context.options().json === true) printJson(context, { checks })
      else
        for (const check of checks)
          context.print(line(check, context.process.stdout.isTTY === true))
      if (checks.some(({ isFine }) => !isFine)) context.setExitCode(1)
    })
}

async function checkSystem(client: Client): Promise<Check[]> {
  const session = await client.get('/api/v1/session')
  const clock = await client.get('/api/v1/clock')
  const skewMs = Math.abs(Date.parse(clock.now) - Date.now())
  const isClockFine = clock.isMovable || skewMs < MAX_CLOCK_SKEW_MS
  const audit = await client.get('/api/v1/audit-entries/verification')
  return [
    {
      name: 'console',
      isFine: true,
      found: `reached as ${session.operator.email}, ${session.mode} mode`,
      remedy: '',
    },
    {
      name: 'clock',
      isFine: isClockFine,
      found: clock.isMovable
        ? `simulated, ${clock.now}`
        : `${Math.round(skewMs / 1000)} s apart from this machine`,
      remedy: isClockFine ? '' : 'Let both machines synchronize their clocks (NTP).',
    },
    {
      name: 'audit chain',
      isFine: audit.isIntact,
      found: audit.isIntact ? 'unbroken' : `broken at ${audit.brokenAtId}`,
      remedy: audit.isIntact ? '' : 'Somebody changed the audit table. Compare it with a backup.',
    },
  ]
}

async function checkStripe(client: Client): Promise<Check[]> {
  const connection = await client.get('/api/v1/stripe/connection')
  const { isConnected, isSimulated, account, backlog, keySince, isKeyOld } = connection
  const stuck = backlog.filter(({ state }) => state === 'failed' || state === 'dead')
  const stuckCount = stuck.reduce((sum, { count }) => sum + count, 0)
  return [
    {
      name: 'Stripe',
      isFine: isConnected,
      found: isSimulated ? 'the simulator' : (account ?? 'not connected'),
      remedy: isConnected
        ? ''
        : 'Set payment.stripe.secret_key, or STRIPE_SECRET_KEY before starting.',
    },
    {
      name: 'Stripe key',
      isFine: !isKeyOld,
      found: keySince === null ? 'none of its own' : `in use since ${keySince.slice(0, 10)}`,
      remedy: isKeyOld
        ? 'Roll it in Stripe and set payment.stripe.secret_key: it is older than 90 days.'
        : '',
    },
    {
      name: 'webhooks',
      isFine: stuckCount === 0,
      found: stuckCount === 0 ? 'all applied' : `${stuckCount} events could not be applied`,
      remedy:
        stuckCount === 0 ? '' : 'See the webhook inbox in the admin center; replay them there.',
    },
  ]
}

async function checkCatalog(client: Client): Promise<Check[]> {
  const { data } = await client.get('/api/v1/plans')
  const onSale = data.filter(({ active }) => active !== null).length
  const { data: drift } = await client.get('/api/v1/catalog/drift')
  return [
    {
      name: 'catalog',
      isFine: drift.length === 0,
      found:
        drift.length === 0
          ? 'in Stripe as it was published'
          : `${drift.length} differ in Stripe: ${drift[0]?.summary}`,
      remedy: drift.length === 0 ? '' : 'See "farebox plans drift", and put it back with --repair.',
    },
    {
      name: 'plans',
      isFine: onSale > 0,
      found: `${onSale} on sale`,
      remedy: onSale > 0 ? '' : 'Publish a plan: "farebox plans publish <plan>".',
    },
  ]
}

function line({ name, isFine, found, remedy }: Check, isTerminal: boolean): string {
  const mark = isFine ? '✔' : '✖'
  const colored = isTerminal ? styleText(isFine ? 'green' : 'red', mark) : mark
  return `${colored} ${name.padEnd(12)} ${found}${remedy === '' ? '' : `\n               ${remedy}`}`
}
