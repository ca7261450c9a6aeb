import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Stripe's own CLI, the binary: its package only starts it, and a signal to that would not reach it. */
function binary(): string {
  const require = createRequire(import.meta.url)
  const platforms = require('@stripe/cli/platforms.json') as Readonly<
    Record<string, { readonly pkg: string; readonly bin: string }>
  >
  const found = platforms[`${process.platform}-${process.arch}`]
  if (found === undefined) throw new Error(`Stripe has no CLI for ${process.platform}`)
  const owner = createRequire(require.resolve('@stripe/cli/package.json'))
  return join(dirname(owner.resolve(`${found.pkg}/package.json`)), 'bin', found.bin)
}

export interface CliRun {
  readonly code: number | null
  readonly out: string
}

export interface RunningCli {
  /** Everything it has said so far. */
  readonly out: string
  stop(): Promise<void>
}

export interface StripeCli {
  /** Runs one command to its end. */
  run(...parameters: readonly string[]): Promise<CliRun>
  /** Runs one that goes on until it is stopped. */
  start(...parameters: readonly string[]): RunningCli
  /** Stops what still runs and forgets the CLI's own files. */
  close(): Promise<void>
}

/** A CLI with a home of its own, pointed to a simulator. */
export function createStripeCli(simulator: () => string): StripeCli {
  const home = mkdtempSync(join(tmpdir(), 'stripe-cli-'))
  const path = binary()
  const running = new Set<ChildProcess>()

  function launch(parameters: readonly string[]) {
    const child = spawn(path, [...parameters, '--api-base', simulator(), '--color', 'off'], {
      env: { HOME: home, XDG_CONFIG_HOME: home, STRIPE_CLI_TELEMETRY_OPTOUT: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = { out: '' }
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (said.out += text))
    }
    running.add(child)
    const ended = new Promise<number | null>((resolve) => {
      child.once('close', (code) => {
        running.delete(child)
        resolve(code)
      })
    })
    return { child, said, ended }
  }

  return {
    async run(...parameters) {
      const { said, ended } = launch(parameters)
      const code = await ended
      return { code, out: said.out }
    },
    start(...parameters) {
      const { child, said, ended } = launch(parameters)
      return {
        get out() {
          return said.out
        },
        async stop() {
          child.kill('SIGKILL')
          await ended
        },
      }
    },
    async close() {
      const gone = [...running].map(
        (child) => new Promise((resolve) => child.once('close', resolve)),
      )
      for (const child of running) child.kill('SIGKILL')
      await Promise.all(gone)
      rmSync(home, { recursive: true, force: true })
    },
  }
}
