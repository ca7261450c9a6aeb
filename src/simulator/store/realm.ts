import { type Clock, systemClock } from '../../kit/clock.ts'
import { HOUR_MS } from '../../kit/instant.ts'
import type { Kind } from './documents.ts'
import { createDueQueue, type DueQueue } from './jobs.ts'
import type { Notice } from './notices.ts'
import { createTables, type Tables } from './tables.ts'
import {
  type Change,
  openTransaction,
  type RealmFacts,
  type Recorder,
  type RequestFacts,
  type Transaction,
} from './transaction.ts'

/** What the domain tells the store: how objects are shown, how changes become events, what time it is. */
export interface Rules {
  readonly present: (tx: Transaction, kind: Kind, id: string) => unknown
  readonly createRecorder: (tx: Transaction) => Recorder
  readonly react: (tx: Transaction, notice: Notice) => void
  readonly now: (tx: Transaction, testClock: string | null, wallSeconds: number) => number
}

/** Keeps documents beyond the process. A commit that cannot be kept is undone. */
export interface Storage {
  load(realmId: string, restore: (kind: Kind, json: string, sequence: number) => void): void
  save(realmId: string, changes: readonly StoredChange[]): void
}

export interface StoredChange {
  readonly kind: Kind
  readonly id: string
  readonly sequence: number
  /** Null for a removed document. */
  readonly json: string | null
}

interface TransactOptions {
  readonly request?: RequestFacts
  /** A due job runs at its own time, whatever the clock shows meanwhile. */
  readonly at?: { readonly clock: string | null; readonly seconds: number }
  /** Which failures keep what was done before them. */
  readonly keepsOnError?: (error: unknown) => boolean
}

/** One account in one mode: its documents, its due work, its time. Nothing in it knows of another realm. */
export interface Realm {
  readonly id: string
  readonly facts: RealmFacts
  readonly tables: Tables
  /** Runs work as one transaction. Never asynchronous: nothing can come between. */
  transact<T>(work: (tx: Transaction) => T, options?: TransactOptions): T
  /** Due work of the realm's own time (null) or of a test clock. */
  queueOf(clock: string | null): DueQueue
  onCommit(listener: (changes: readonly Change[]) => void): void
  /** Drops everything and takes these documents instead; with a seed, new ids follow from that. */
  replaceAll(documents: readonly SnapshotEntry[], seed?: string): void
  snapshot(): readonly SnapshotEntry[]
}

export interface SnapshotEntry {
  readonly kind: Kind
  readonly sequence: number
  readonly document: { readonly id: string }
}

export interface RealmOptions {
  readonly facts: RealmFacts
  readonly rules: Rules
  readonly seed: string
  readonly storage: Storage | undefined
  readonly wallClock?: Clock
  readonly existsInOtherMode: (kind: Kind, id: string) => boolean
}

const AUTOMATIC: RequestFacts = { id: null, idempotencyKey: null }

/** How long and for how many documents the real time of their making is remembered. */
const YOUNG_MS = 2 * HOUR_MS
const MAX_YOUNG = 10_000

export function realmIdOf(accountId: string, isLive: boolean): string {
  return `${accountId}/${isLive ? 'live' : 'test'}`
}

export function createRealm(options: RealmOptions): Realm {
  const { facts, rules, storage } = options
  const wallClock = options.wallClock ?? systemClock
  const id = realmIdOf(facts.accountId, facts.isLive)
  const tables = createTables()
  const queues = new Map<string | null, DueQueue>()
  const listeners: ((changes: readonly Change[]) => void)[] = []
  /** When documents were made in real time, for the youngest of them. */
  const madeAt = new Map<string, number>()
  let isOpen = false
  let { seed } = options

  function queueOf(clock: string | null): DueQueue {
    const known = queues.get(clock)
    if (known !== undefined) return known
    const queue = createDueQueue((jobId) => {
      const job = tables.job.get(jobId)
      return job?.clock === clock ? job : undefined
    })
    queues.set(clock, queue)
    return queue
  }

  function toStoredChange({ kind, id: documentId }: Pick<Change, 'kind' | 'id'>): StoredChange {
    const document = tables[kind].get(documentId)
    return {
      kind,
      id: documentId,
      sequence: tables[kind].sequenceOf(documentId) ?? 0,
      json: document === undefined ? null : JSON.stringify(document),
    }
  }

  function afterCommit(changes: readonly Change[]): void {
    const now = wallClock.now()
    for (const change of changes) {
      if (change.isNew) madeAt.set(`${change.kind}/${change.id}`, now)
      if (change.kind === 'job') {
        const job = tables.job.get(change.id)
        if (job !== undefined) queueOf(job.clock).add(job)
      }
      tables[change.kind].compact()
    }
    for (const [key, at] of madeAt) {
      if (madeAt.size <= MAX_YOUNG && now - at < YOUNG_MS) break
      madeAt.delete(key)
    }
    for (const listener of listeners) listener(changes)
  }

  function enqueueAll(): void {
    queues.clear()
    for (const job of tables.job.oldestFirst()) queueOf(job.clock).add(job)
  }

  storage?.load(id, (kind, json, sequence) => {
    restoreDocument(tables, { kind, sequence, document: JSON.parse(json) as { id: string } })
  })
  enqueueAll()

  return {
    id,
    facts,
    tables,
    transact(work, { request = AUTOMATIC, at, keepsOnError } = {}) {
      if (isOpen) throw new Error('A transaction is already open in this realm')
      isOpen = true
      const tx = openTransaction({
        realm: facts,
        tables,
        request,
        seed,
        now: (transaction, clock) =>
          at?.clock === clock
            ? at.seconds
            : rules.now(transaction, clock, Math.floor(wallClock.now() / 1000)),
        present: rules.present,
        createRecorder: rules.createRecorder,
        react: rules.react,
        existsInOtherMode: options.existsInOtherMode,
        isNewerThan: (kind, documentId, milliseconds) =>
          wallClock.now() - (madeAt.get(`${kind}/${documentId}`) ?? 0) < milliseconds,
      })
      try {
        let result: ReturnType<typeof work> | undefined
        let failure: { readonly error: unknown } | undefined
        try {
          result = work(tx)
        } catch (error) {
          if (keepsOnError?.(error) !== true) throw error
          failure = { error }
        }
        const changes = tx.commit()
        if (changes.length > 0) storage?.save(id, changes.map(toStoredChange))
        isOpen = false
        // Reading tells nobody anything.
        if (changes.length > 0) afterCommit(changes)
        if (failure !== undefined) throw failure.error
        return result as ReturnType<typeof work>
      } catch (error) {
        if (isOpen) tx.rollBack()
        throw error
      } finally {
        isOpen = false
      }
    },
    queueOf,
    onCommit(listener) {
      listeners.push(listener)
    },
    replaceAll(documents, newSeed = seed) {
      if (isOpen) throw new Error('A transaction is open in this realm')
      const removed = entriesOf(tables).map(({ kind, document }) => ({ kind, id: document.id }))
      for (const table of Object.values(tables)) table.clear()
      for (const entry of documents) restoreDocument(tables, entry)
      const added = documents.map(({ kind, document }) => ({ kind, id: document.id }))
      storage?.save(id, [...removed, ...added].map(toStoredChange))
      seed = newSeed
      madeAt.clear()
      enqueueAll()
      const changes = added.map((entry) => ({ ...entry, isNew: true, isRestored: true as const }))
      for (const listener of listeners) listener(changes)
    },
    snapshot: () => entriesOf(tables),
  }
}

function restoreDocument(tables: Tables, entry: SnapshotEntry): void {
  // The kind and the document come from our own writing; the compiler cannot see that they belong together.
  const table = tables[entry.kind] as { restore(document: unknown, sequence: number): void }
  table.restore(entry.document, entry.sequence)
}

function entriesOf(tables: Tables): SnapshotEntry[] {
  const entries: SnapshotEntry[] = []
  for (const kind of Object.keys(tables) as Kind[]) {
    for (const document of tables[kind].oldestFirst()) {
      entries.push({ kind, sequence: tables[kind].sequenceOf(document.id) ?? 0, document })
    }
  }
  return entries
}
