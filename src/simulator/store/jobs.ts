import type { Document } from './table.ts'

/**
 * Work that falls due at an instant of one timeline: the realm's own (`clock` null) or a test clock's. A job names what to
 * look at, never what to do to it: whoever runs it reads the state and may find nothing left to do.
 */
export interface Job extends Document {
  readonly type: string
  readonly clock: string | null
  readonly dueAt: number
  /** Orders what falls due at the same second; lower runs first. */
  readonly rank: number
  readonly subject: string
}

interface Entry {
  readonly id: string
  readonly dueAt: number
  readonly rank: number
  readonly order: number
}

/** A binary heap of due work. Entries are never removed, only outlived: `accepts` says whether one still holds. */
export interface DueQueue {
  add(job: Job): void
  /** The earliest job that still holds, or undefined. */
  peek(): Entry | undefined
  pop(): Entry | undefined
}

export function createDueQueue(current: (id: string) => Job | undefined): DueQueue {
  const heap: Entry[] = []
  let order = 0

  const isBefore = (a: Entry, b: Entry): boolean =>
    a.dueAt !== b.dueAt
      ? a.dueAt < b.dueAt
      : a.rank !== b.rank
        ? a.rank < b.rank
        : a.order < b.order

  function swap(i: number, j: number): void {
    const left = heap[i]
    const right = heap[j]
    if (left !== undefined && right !== undefined) {
      heap[i] = right
      heap[j] = left
    }
  }

  function at(index: number): Entry | undefined {
    return heap[index]
  }

  function sink(): void {
    let index = 0
    for (;;) {
      const here = at(index)
      const left = at(2 * index + 1)
      const right = at(2 * index + 2)
      if (here === undefined || left === undefined) return
      const useRight = right !== undefined && isBefore(right, left)
      const child = useRight ? right : left
      if (!isBefore(child, here)) return
      const next = 2 * index + (useRight ? 2 : 1)
      swap(index, next)
      index = next
    }
  }

  function rise(): void {
    let index = heap.length - 1
    while (index > 0) {
      const parent = (index - 1) >>> 1
      const here = at(index)
      const above = at(parent)
      if (here === undefined || above === undefined || !isBefore(here, above)) return
      swap(index, parent)
      index = parent
    }
  }

  function drop(): void {
    swap(0, heap.length - 1)
    heap.pop()
    sink()
  }

  function holds(entry: Entry): boolean {
    const job = current(entry.id)
    return job !== undefined && job.dueAt === entry.dueAt && job.rank === entry.rank
  }

  return {
    add(job) {
      order += 1
      heap.push({ id: job.id, dueAt: job.dueAt, rank: job.rank, order })
      rise()
    },
    peek() {
      for (let top = at(0); top !== undefined; top = at(0)) {
        if (holds(top)) return top
        drop()
      }
      return undefined
    },
    pop() {
      const top = this.peek()
      if (top !== undefined) drop()
      return top
    },
  }
}
