import { createContext, type ReactNode, use } from 'react'

/** What helps against a refusal, by its code. Each app knows its own addresses. */
export const Remedies = createContext<Readonly<Record<string, ReactNode>>>({})

export function useRemedy(code: string): ReactNode {
  return use(Remedies)[code]
}
