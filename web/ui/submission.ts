import { useRef, useState } from 'react'
import { isOutcomeUnknown, type Problem, toProblem } from './problem.ts'

export interface Submission {
  readonly isPending: boolean
  readonly problem: Problem | undefined
  /** Runs the act once however often it is called meanwhile; resolves to whether it succeeded. */
  readonly submit: (
    act: (idempotencyKey: string) => Promise<unknown>,
    onRefused?: (problem: Problem) => void,
  ) => Promise<boolean>
  readonly reset: () => void
}

/**
 * One act of the reader, safe against double clicks and lost answers: while it runs it cannot be started again, and a
 * repetition after a lost answer carries the same idempotency key, so the server does it once.
 */
export function useSubmission(): Submission {
  const [isPending, setPending] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const isRunning = useRef(false)
  const key = useRef<string>(undefined)

  async function submit(
    act: (idempotencyKey: string) => Promise<unknown>,
    onRefused?: (problem: Problem) => void,
  ): Promise<boolean> {
    if (isRunning.current) return false
    isRunning.current = true
    const idempotencyKey = (key.current ??= crypto.randomUUID())
    setPending(true)
    setProblem(undefined)
    try {
      await act(idempotencyKey)
      key.current = undefined
      return true
    } catch (error) {
      const found = toProblem(error)
      // A bug of ours is no refusal; it belongs in the browser's error log too.
      if (found.code === 'page_broken') reportError(error)
      setProblem(found)
      onRefused?.(found)
      key.current = keyAfter(found, idempotencyKey)
      return false
    } finally {
      isRunning.current = false
      setPending(false)
    }
  }

  return { isPending, problem, submit, reset: () => setProblem(undefined) }
}

/** A refused request did nothing, so the corrected one is another request and gets another key. */
export function keyAfter(problem: Problem, key: string): string | undefined {
  return isOutcomeUnknown(problem) ? key : undefined
}
