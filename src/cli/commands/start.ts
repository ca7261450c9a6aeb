import type { Command } from 'commander'
import { type CliContext, defaultDataFolder } from '../context.ts'
import { examples } from '../examples.ts'

/** Apart from `data`, which is for what one means to keep. */
const DEMO_FOLDER = 'data-demo'

interface StartFlags {
  readonly upstream?: string
  readonly host?: string
  readonly gatewayPort?: string
  readonly consolePort?: string
  readonly simulatorPort?: string
  readonly examplePort?: string
}

export function addStartCommands(program: Command, context: CliContext): void {
  program
    .command('start')
    .description(
      'Start everything: gateway, console, database and, until there is a Stripe key, a simulated Stripe',
    )
    .option('--upstream <url>', 'the API to stand in front of; an example API without it')
    .option('--host <address>', 'address to listen on, 127.0.0.1 by default')
    .option('--gateway-port <port>', '8080 by default')
    .option('--console-port <port>', '8081 by default')
    .option('--simulator-port <port>', '8082 by default')
    .option('--example-port <port>', '8083 by default')
    .addHelpText(
      'after',
      examples(
        'start',
        'start --upstream https://api.example.com',
        'start --data /var/lib/farebox',
      ),
    )
    .action((flags: StartFlags) => runUntilStopped(context, flags))

  program
    .command('demo')
    .description(
      'Start with three months of customers, usage, invoices and a failed payment to look at',
    )
    .addHelpText('after', examples('demo', 'demo --data /tmp/farebox-demo'))
    .action(() => runUntilStopped(context, {}, DEMO_FOLDER))
}

async function runUntilStopped(
  context: CliContext,
  flags: StartFlags,
  demoFolder?: string,
): Promise<void> {
  const startedAt = performance.now()
  const { process } = context
  const { env } = process
  const { data, config: file } = context.options()
  const isTerminal = process.stdout.isTTY === true
  // Loaded late, like the server below: every other command starts without them.
  const { loadConfig } = await import('../../config.ts')
  const config = loadConfig({
    env,
    folder: process.cwd(),
    file,
    flags: {
      data: data ?? (env['FAREBOX_DATA'] === undefined ? demoFolder : undefined),
      upstream: flags.upstream,
      host: flags.host,
      gateway: { port: number(flags.gatewayPort) },
      console: { port: number(flags.consolePort) },
      simulator: { port: number(flags.simulatorPort) },
      example: { port: number(flags.examplePort) },
      ...(isTerminal &&
        env['FAREBOX_LOG_LEVEL'] === undefined && {
          log: { level: 'warn', format: 'text' },
        }),
    },
  })
  const [{ start }, { banner }, { isLived, liveThroughThreeMonths }] = await Promise.all([
    import('../../main.ts'),
    import('../../start/banner.ts'),
    import('../../start/demo.ts'),
  ])
  const ended = Promise.withResolvers<void>()
  // Before anything is open: who stops it while it starts wants it closed as cleanly.
  process.on('SIGINT', ended.resolve)
  process.on('SIGTERM', ended.resolve)
  const running = await start(config, { onFailure: ended.reject })
  if (demoFolder !== undefined && !(await isLived(running))) {
    context.talk('Living through three months of customers…')
    await liveThroughThreeMonths(running, context.talk)
  }
  context.print(
    banner({
      ...running,
      isExampleUpstream: config.upstream === undefined,
      dataFolder: config.data,
      isFoundByCli: config.data === defaultDataFolder(process),
      isColored: isTerminal,
      milliseconds: performance.now() - startedAt,
    }),
  )
  try {
    await ended.promise
    if (isTerminal) context.talk('\nStopping…')
  } finally {
    await running.close()
  }
}

function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text)
}
