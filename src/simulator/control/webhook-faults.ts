import type { DeliveryFault, DeliveryFaults } from '../events/dispatcher.ts'
import { createChance } from './chance.ts'

/** What goes wrong with deliveries: for the next so many that match, then no more. */
export interface ArrangedFault {
  readonly id: string
  /** Event types it is for; null for all. */
  readonly events: readonly string[] | null
  readonly remaining: number
  readonly fault: DeliveryFault
}

interface Reordering {
  /** Deliveries are collected until there are so many, or until nothing has come for a while, and sent in any order. */
  readonly window: number
  readonly remaining: number
}

export interface WebhookFaults extends DeliveryFaults {
  hold(): void
  release(): void
  arrange(fault: Omit<ArrangedFault, 'id'>): ArrangedFault
  reorder(reordering: Reordering): void
  clear(): void
  /** Lets deliveries pass while the work goes on, held or not. */
  letPass<T>(work: () => Promise<T>): Promise<T>
  show(): {
    readonly held: boolean
    readonly faults: readonly ArrangedFault[]
    readonly reordering: Reordering | null
  }
}

export const NO_FAULT: DeliveryFault = {
  copies: 1,
  delayMs: 0,
  isDropped: false,
  staleSeconds: 0,
  hasWrongSecret: false,
}

const COLLECTING_MS = 250

export function createWebhookFaults(seed: string, wake: () => void): WebhookFaults {
  let chance = createChance(seed)
  let isHeld = false
  let passing = 0
  let arranged: ArrangedFault[] = []
  let reordering: Reordering | null = null
  let made = 0
  /** Running while deliveries are collected; null when what has been collected may go. */
  let collecting: NodeJS.Timeout | undefined
  let isRipe = false

  function collect(waiting: number): boolean {
    if (reordering === null || waiting === 0) {
      isRipe = false
      return false
    }
    if (waiting >= reordering.window) isRipe = true
    if (isRipe) return false
    collecting ??= setTimeout(() => {
      collecting = undefined
      isRipe = true
      wake()
    }, COLLECTING_MS).unref()
    return true
  }

  return {
    isHeld: (waiting) => passing === 0 && (isHeld || collect(waiting)),
    pick(waiting) {
      if (reordering === null) return 0
      const index = Math.floor(chance() * Math.min(waiting, reordering.window))
      const remaining = reordering.remaining - 1
      reordering = remaining > 0 ? { ...reordering, remaining } : null
      return index
    },
    plan(type) {
      const found = arranged.find(({ events }) => events === null || events.includes(type))
      if (found === undefined) return NO_FAULT
      arranged = arranged.flatMap((entry) =>
        entry !== found
          ? [entry]
          : entry.remaining > 1
            ? [{ ...entry, remaining: entry.remaining - 1 }]
            : [],
      )
      return found.fault
    },
    hold() {
      isHeld = true
    },
    release() {
      isHeld = false
      wake()
    },
    arrange(fault) {
      made += 1
      const entry = { id: `fault_${made}`, ...fault }
      arranged.push(entry)
      return entry
    },
    reorder(wanted) {
      reordering = wanted
    },
    clear() {
      isHeld = false
      arranged = []
      reordering = null
      isRipe = false
      chance = createChance(seed)
      wake()
    },
    async letPass(work) {
      passing += 1
      wake()
      try {
        return await work()
      } finally {
        passing -= 1
      }
    },
    show: () => ({ held: isHeld, faults: arranged, reordering }),
  }
}
