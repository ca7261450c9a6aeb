import type { Command } from 'commander'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { AppError } from '../../errors.ts'
import type { Simulator } from '../../simulator/options.ts'
import { prepareFolder } from '../../start/folder.ts'
import { type CliContext, CliError } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson } from '../output.ts'

interface SimulatorFlags {
  readonly port: string
  readonly host: string
  readonly seed?: string
  readonly webhookEndpoint?: string
  readonly legacy?: boolean
}

const DEFAULT_PORT = '12111'
const MEMORY = 'memory'

export function addSimulatorCommand(program: Command, context: CliContext): void {
  program
    .command('simulator')
    .description('Run the simulated Stripe alone: for tests and for development against Stripe')
    .option('--port <port>', 'port to listen on; 0 takes any free one', DEFAULT_PORT)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    // Every command has --data; this one takes a word besides, so its help says which.
    .option(
      '--data <folder>',
      `folder to keep everything in, or "${MEMORY}" (default: "${MEMORY}")`,
    )
    .option('--seed <text>', 'the same seed and the same requests give the same ids')
    .option('--webhook-endpoint <url>', 'gets all events of every account')
    .option('--legacy', 'accept parameters of older API versions from every client')
    .addHelpText(
      'after',
      examples(
        'simulator',
        'simulator --port 0 --json',
        'simulator --data ./stripe --webhook-endpoint http://localhost:8081/webhooks/stripe/test',
      ),
    )
    .action((flags: SimulatorFlags) => runUntilStopped(context, flags))
}

async function runUntilStopped(context: CliContext, flags: SimulatorFlags): Promise<void> {
  const startedAt = performance.now()
  const { process } = context
  const { json: isJson, data = MEMORY } = context.options()
  const port = readPort(flags.port)
  const endpoint = readEndpoint(flags.webhookEndpoint)
  const folder = data === MEMORY ? undefined : data
  if (folder !== undefined) prepareFolder(folder)
  // Loaded late: no other command needs it, and this one needs nothing else.
  const { startSimulator } = await import('../../simulator/simulator.ts')
  const simulator = await startSimulator({
    host: flags.host,
    port,
    data: folder === undefined ? MEMORY : { folder },
    seed: flags.seed,
    webhookEndpoint: endpoint,
    isLegacy: flags.legacy === true,
  }).catch((error: unknown) => {
    throw explained(error, { port, host: flags.host, folder })
  })
  const stopped = new Promise<void>((resolve) => {
    process.on('SIGINT', resolve)
    process.on('SIGTERM', resolve)
  })
  if (isJson === true) printJson(context, { url: simulator.url, data })
  else context.print(banner(context, simulator, { folder, startedAt }))
  await stopped
  await simulator.close()
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new CliError(`"${text}" is no port.`, 'Give a number from 0 to 65535 with --port.')
}

function readEndpoint(url: string | undefined): string | undefined {
  if (url === undefined) return undefined
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url
  throw new CliError(
    `"${url}" is no address for webhooks.`,
    'Give a whole URL with --webhook-endpoint, such as http://localhost:3000/webhooks.',
  )
}

interface Place {
  readonly port: number
  readonly host: string
  readonly folder: string | undefined
}

/** What keeps a simulator from starting, as a person can act on it. */
function explained(error: unknown, { port, host, folder }: Place): unknown {
  const { code, errcode } = error as { readonly code?: string; readonly errcode?: number }
  if (code === 'EADDRINUSE' || code === 'EACCES') {
    return new AppError(
      'port_in_use',
      { port, what: 'simulated Stripe', flag: '--port' },
      { cause: error },
    )
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new CliError(
      `"${host}" is no address of this machine.`,
      'Choose one with --host; 127.0.0.1 is reached from this machine only, 0.0.0.0 from everywhere.',
    )
  }
  if (code === 'ERR_SQLITE_ERROR' && folder !== undefined) {
    if (errcode === SQLITE_BUSY) {
      return new AppError('data_folder_in_use', { folder }, { cause: error })
    }
    if (errcode === SQLITE_NOTADB || errcode === SQLITE_CORRUPT) {
      return new CliError(
        `${join(folder, 'simulator.sqlite')} cannot be read: ${(error as Error).message}.`,
        'Delete it, or choose another folder with --data.',
      )
    }
    return new AppError('data_folder_unwritable', { folder }, { cause: error })
  }
  return error
}
const SQLITE_BUSY = 5
const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

function banner(
  context: CliContext,
  { url }: Simulator,
  { folder, startedAt }: { readonly folder: string | undefined; readonly startedAt: number },
): string {
  const isColored = context.process.stdout.isTTY === true
  const bold = (text: string): string => (isColored ? styleText('bold', text) : text)
  const dim = (text: string): string => (isColored ? styleText('dim', text) : text)
  const { hostname, port } = new URL(url)
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  return [
    '',
    bold('A simulated Stripe is running') + dim(` (${seconds} s)`),
    '',
    `  API        ${url}`,
    `  Dashboard  ${url}/`,
    `  Data       ${folder ?? 'in memory, gone at the end; --data <folder> keeps it'}`,
    '',
    'Every sk_test_… key opens an account of its own when it is first used; the sk_live_… key of the',
    'same name is the live mode of that account.',
    '',
    `  curl     ${bold(`curl ${url}/v1/customers -u ${KEY}: -d email=ada@example.com`)}`,
    `  Node     new Stripe('${KEY}', { host: '${hostname}', port: ${port}, protocol: 'http' })`,
    `  Python   stripe.StripeClient('${KEY}', base_addresses={'api': '${url}'})`,
    `  CLI      stripe listen --api-base ${url} --api-key ${KEY} --forward-to localhost:3000`,
    '',
    dim('Pay with 4242 4242 4242 4242. Ctrl-C stops it.'),
    '',
  ].join('\n')
}

/** Stripe's CLI takes no key shorter than this. */
const KEY = 'sk_test_farebox'
