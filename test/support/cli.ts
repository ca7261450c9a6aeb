import { Readable } from 'node:stream'
import { run } from '../../src/cli/run.ts'
import type { World } from './world.ts'

export interface CliResult {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly json: () => Record<string, unknown>
}

/** Runs one command line as a terminal or a pipe would, against a world. */
export async function farebox(
  world: World | undefined,
  line: string,
  {
    isTTY = false,
    columns = 120,
    answer = '',
  }: { readonly isTTY?: boolean; readonly columns?: number; readonly answer?: string } = {},
): Promise<CliResult> {
  let out = ''
  let err = ''
  const code = await run({
    argv: ['node', 'farebox', ...line.split(' ')],
    env:
      world === undefined
        ? {}
        : { FAREBOX_URL: world.running.consoleUrl, FAREBOX_TOKEN: world.token },
    stdout: { write: (text) => (out += text), isTTY, columns },
    stderr: { write: (text) => (err += text) },
    stdin: Object.assign(Readable.from([answer]), { isTTY }),
    cwd: () => '/nonexistent',
    on: () => undefined,
  })
  return { code, out, err, json: () => JSON.parse(out) as Record<string, unknown> }
}
