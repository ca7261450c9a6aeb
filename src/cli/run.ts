import { CommanderError } from 'commander'
import { AppError } from '../errors.ts'
import { ProblemError } from '../client/problem-error.ts'
import { type CliContext, CliError, createContext, type ProcessLike } from './context.ts'
import { createProgram } from './program.ts'

/** Exit codes: 0 done, 1 failed, 2 canceled by the user, 3 it differs, 4 a login is needed. As `help exit-codes` says. */
const FAILED = 1
const NEEDS_LOGIN = 4

/** Runs one command line and answers the exit code. Everything it touches comes from `process`. */
export async function run(process: ProcessLike): Promise<number> {
  const context = createContext(process)
  const program = createProgram(context)
  try {
    await program.parseAsync([...process.argv])
    return context.exitCode()
  } catch (error) {
    return report(error, context)
  }
}

/** Three lines: what, why, what to do. The stack only with --debug. */
function report(error: unknown, { talk, isDebug }: CliContext): number {
  if (error instanceof CommanderError) return error.exitCode
  if (isDebug() && error instanceof Error) talk(error.stack ?? error.message)
  if (error instanceof CliError) {
    talk(`${error.message}\n${error.remedy}`)
    return error.exitCode
  }
  if (error instanceof ProblemError) {
    const { title, detail, errors = [], code, requestId } = error.problem
    const fields = errors.map(({ path, message }) => `  ${path}: ${message}`)
    talk([`${title} (${code})`, detail, ...fields, `request ${requestId}`].join('\n'))
    return error.status === 401 ? NEEDS_LOGIN : FAILED
  }
  if (error instanceof AppError) {
    talk(`${error.title}\n${error.message}`)
    return FAILED
  }
  const isRefused = error instanceof TypeError && /fetch failed/.test(error.message)
  if (isRefused) {
    talk('Cannot reach the console.\nStart it with "farebox start", or name another with --url.')
    return FAILED
  }
  talk(error instanceof Error ? error.message : String(error))
  return FAILED
}
