import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Client, createClient } from '../client/client.ts'

/** The parts of Node's `process` a command may touch, so that tests hand in their own. */
export interface ProcessLike {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: {
    write(text: string): unknown
    readonly isTTY?: boolean
    readonly columns?: number
  }
  readonly stderr: { write(text: string): unknown }
  readonly stdin: AsyncIterable<unknown> & { readonly isTTY?: boolean }
  cwd(): string
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
}

/** An error whose message and remedy are for people. */
export class CliError extends Error {
  readonly remedy: string
  readonly exitCode: number

  constructor(message: string, remedy: string, exitCode = 1) {
    super(message)
    this.name = 'CliError'
    this.remedy = remedy
    this.exitCode = exitCode
  }
}

export interface GlobalOptions {
  readonly json?: boolean
  readonly live?: boolean
  readonly url?: string
  readonly token?: string
  readonly data?: string
  readonly config?: string
  readonly debug?: boolean
  readonly yes?: boolean
}

export interface CliContext {
  readonly process: ProcessLike
  /** Data, on standard output. */
  print(text: string): void
  /** Talk, on standard error. */
  talk(text: string): void
  /** The options that every command has; known once the command line is parsed. */
  options(): GlobalOptions
  setOptions(options: GlobalOptions): void
  isDebug(): boolean
  exitCode(): number
  setExitCode(code: number): void
  /** The REST API, as the operator whose token was found. */
  client(): Client
}

export function createContext(process: ProcessLike): CliContext {
  let options: GlobalOptions = {}
  let exitCode = 0
  return {
    process,
    print: (text) => void process.stdout.write(`${text}\n`),
    talk: (text) => void process.stderr.write(`${text}\n`),
    options: () => options,
    setOptions: (given) => (options = given),
    isDebug: () => options.debug === true,
    exitCode: () => exitCode,
    setExitCode: (code) => (exitCode = code),
    client() {
      const { url, token } = credentials(process, options)
      return createClient({ baseUrl: url, token, mode: options.live === true ? 'live' : 'test' })
    },
  }
}

/** What `farebox start` leaves for the CLI of the same machine. */
export interface StoredCredentials {
  readonly url: string
  readonly token: string
}

export const CREDENTIALS_FILE = 'cli.json'

/** Where commands look without `--data`. */
export function defaultDataFolder({ env, cwd }: ProcessLike): string {
  return resolve(env['FAREBOX_DATA'] ?? join(cwd(), 'data'))
}

function credentials(process: ProcessLike, options: GlobalOptions): StoredCredentials {
  const { env } = process
  const folder = options.data ?? defaultDataFolder(process)
  const file = join(folder, CREDENTIALS_FILE)
  const stored = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as StoredCredentials)
    : undefined
  const url = options.url ?? env['FAREBOX_URL'] ?? stored?.url
  const token = options.token ?? env['FAREBOX_TOKEN'] ?? stored?.token
  if (url === undefined || token === undefined) {
    throw new CliError(
      `No console is known; ${folder} has none.`,
      'Start one with "farebox start", name the --data folder of one that runs, or set FAREBOX_URL and FAREBOX_TOKEN.',
      4,
    )
  }
  return { url, token }
}
