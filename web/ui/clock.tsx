import { createContext, type ReactNode, use, useSyncExternalStore } from 'react'

/**
 * The present, for whatever shows relative times. A customer on a test clock lives at another time than the viewer;
 * the screens about that customer stand inside a `ClockOffset`.
 */
const OffsetContext = createContext(0)

const TICK_MS = 15_000
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

interface ClockOffsetProps {
  /** The customer's time minus real time. */
  readonly offsetMs: number
  readonly children: ReactNode
}

export function ClockOffset({ offsetMs, children }: ClockOffsetProps) {
  return <OffsetContext value={offsetMs}>{children}</OffsetContext>
}

/** Now, to a quarter of a minute; everyone who asks redraws together. */
export function useNow(): number {
  const tick = useSyncExternalStore(subscribe, currentTick)
  return tick * TICK_MS + use(OffsetContext)
}

function currentTick(): number {
  return Math.floor(Date.now() / TICK_MS)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    for (const notify of listeners) notify()
  }, TICK_MS)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}
