import { type CliContext, CliError } from './context.ts'

const CANCELED = 2

/** Asks before something is done. Whoever cannot be asked has to have said `--yes`. */
export async function confirm(context: CliContext, question: string): Promise<void> {
  if (context.options().yes === true) return
  const { stdin, stderr } = context.process
  if (stdin.isTTY !== true) {
    throw new CliError('Nobody is there to confirm it.', 'Say --yes to do it anyway.', CANCELED)
  }
  stderr.write(`${question} [y/N] `)
  for await (const line of stdin) {
    if (/^\s*y(?:es)?\s*$/i.test(String(line))) return
    break
  }
  throw new CliError('Canceled.', 'Nothing was changed.', CANCELED)
}
