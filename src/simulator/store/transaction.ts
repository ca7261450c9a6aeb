import { deriveToken } from './ids.ts'
import type { Documents, Kind } from './documents.ts'
import type { Job } from './jobs.ts'
import type { Notice } from './notices.ts'
import type { Document } from './table.ts'
import type { Tables } from './tables.ts'

/** Who asked. Both are null for what happens by itself, as in an event's `request`. */
export interface RequestFacts {
  readonly id: string | null
  readonly idempotencyKey: string | null
}

export interface RealmFacts {
  readonly accountId: string
  readonly isLive: boolean
  /** Where pages and links of this simulator live, without a trailing slash. */
  readonly baseUrl: string
}

export interface EmitOptions {
  /** Shown instead of the object as it is stored, for objects that are not stored: an upcoming invoice, a summary. */
  readonly object?: unknown
  /** The object as it was before, when it is not stored either. */
  readonly previous?: unknown
  /** Adds what changed since the object was last shown, for the few event types that carry it besides `*.updated`. */
  readonly withPrevious?: boolean
}

/** Turns what a transaction does into events; see events/recorder.ts. */
export interface Recorder {
  /** Called before a document is made, changed or removed, with its last state or, when new, its first. */
  touch(kind: Kind, document: Document): void
  emit(type: string, kind: Kind, id: string, options: EmitOptions): void
  finish(): void
  /** Returns a function that forgets what was noticed since. */
  mark(): () => void
}

/**
 * Everything a rule may do to a realm, all of it or nothing. Times are whole seconds, as on Stripe's wire.
 */
export interface Transaction {
  readonly realm: RealmFacts
  readonly request: RequestFacts
  find<K extends Kind>(kind: K, id: string): Documents[K] | undefined
  /** For ids that come from our own documents: a missing one is a bug. */
  get<K extends Kind>(kind: K, id: string): Documents[K]
  /** Oldest first. */
  where<K extends Kind>(kind: K, field: string, value: string): readonly Documents[K][]
  newestFirst<K extends Kind>(kind: K, below?: string): IterableIterator<Documents[K]>
  oldestFirst<K extends Kind>(kind: K, above?: string): IterableIterator<Documents[K]>
  /** Grows with every document made of the kind: the order behind `created`, which has ties. */
  orderOf(kind: Kind, id: string): number
  count(kind: Kind): number
  existsInOtherMode(kind: Kind, id: string): boolean
  /** Whether a document was made less than so many real milliseconds ago. */
  isNewerThan(kind: Kind, id: string, milliseconds: number): boolean
  insert<K extends Kind>(kind: K, document: Documents[K]): Documents[K]
  update<K extends Kind>(kind: K, id: string, patch: Partial<Documents[K]>): Documents[K]
  remove(kind: Kind, id: string): void
  newId(prefix: string, length?: number): string
  /** The time on the given test clock, or the realm's own. */
  now(testClock: string | null): number
  /** Stripe's view of a stored document. */
  present(kind: Kind, id: string): unknown
  emit(type: string, kind: Kind, id: string, options?: EmitOptions): void
  /** Tells the rest of the domain; see notices.ts. */
  notify(notice: Notice): void
  /** Replaces an earlier job of the same id. */
  schedule(job: Job): void
  unschedule(id: string): void
  /** Returns a function that undoes everything done since. */
  savepoint(): () => void
}

export interface Change {
  readonly kind: Kind
  readonly id: string
  /** Made in this transaction. */
  readonly isNew: boolean
  /** It came with a snapshot: what happened then has been told already. */
  readonly isRestored?: true
}

export interface TransactionContext {
  readonly realm: RealmFacts
  readonly tables: Tables
  readonly request: RequestFacts
  readonly seed: string
  readonly now: (tx: Transaction, testClock: string | null) => number
  readonly present: (tx: Transaction, kind: Kind, id: string) => unknown
  readonly createRecorder: (tx: Transaction) => Recorder
  readonly react: (tx: Transaction, notice: Notice) => void
  readonly existsInOtherMode: (kind: Kind, id: string) => boolean
  readonly isNewerThan: (kind: Kind, id: string, milliseconds: number) => boolean
}

export interface OpenTransaction extends Transaction {
  /** Writes the events still due and returns what changed, each document once. */
  commit(): readonly Change[]
  rollBack(): void
}

export function openTransaction(context: TransactionContext): OpenTransaction {
  const { tables, realm, request } = context
  const undo: (() => void)[] = []
  const changes = new Map<string, Change>()

  function table<K extends Kind>(kind: K): Tables[K] {
    return tables[kind]
  }

  function write<K extends Kind>(kind: K, id: string, after: Documents[K] | undefined): void {
    const before = table(kind).get(id)
    const hasPlace = table(kind).sequenceOf(id) !== undefined
    undo.push(() => {
      if (before !== undefined) table(kind).put(before)
      else if (hasPlace) table(kind).remove(id)
      else table(kind).forget(id)
    })
    const key = `${kind}/${id}`
    changes.set(key, { kind, id, isNew: changes.get(key)?.isNew ?? before === undefined })
    if (after === undefined) table(kind).remove(id)
    else table(kind).put(after)
  }

  function rollBackTo(mark: number): void {
    while (undo.length > mark) undo.pop()?.()
  }

  const tx: OpenTransaction = {
    realm,
    request,
    find: (kind, id) => table(kind).get(id),
    get(kind, id) {
      const document = table(kind).get(id)
      if (document === undefined) throw new Error(`There is no ${kind} ${id}`)
      return document
    },
    where: (kind, field, value) => table(kind).where(field, value),
    newestFirst: (kind, below) => table(kind).newestFirst(below),
    oldestFirst: (kind, above) => table(kind).oldestFirst(above),
    orderOf: (kind, id) => table(kind).sequenceOf(id) ?? 0,
    count: (kind) => table(kind).size,
    existsInOtherMode: context.existsInOtherMode,
    isNewerThan: context.isNewerThan,
    insert(kind, document) {
      if (table(kind).get(document.id) !== undefined) {
        throw new Error(`There is already a ${kind} ${document.id}`)
      }
      recorder.touch(kind, document)
      write(kind, document.id, document)
      return document
    },
    update(kind, id, patch) {
      const before = tx.get(kind, id)
      recorder.touch(kind, before)
      const document = { ...before, ...patch }
      write(kind, id, document)
      return document
    },
    remove(kind, id) {
      recorder.touch(kind, tx.get(kind, id))
      write(kind, id, undefined)
    },
    newId(prefix, length = 24) {
      const counter = tables.sequence.get('ids')?.value ?? 0
      write('sequence', 'ids', { id: 'ids', value: counter + 1 })
      const mode = realm.isLive ? 'live' : 'test'
      return `${prefix}_${deriveToken(`${context.seed}:${realm.accountId}:${mode}:${counter}`, length)}`
    },
    now: (testClock) => context.now(tx, testClock),
    present: (kind, id) => context.present(tx, kind, id),
    emit: (type, kind, id, options = {}) => recorder.emit(type, kind, id, options),
    notify: (notice) => context.react(tx, notice),
    schedule(job) {
      write('job', job.id, job)
    },
    unschedule(id) {
      if (tables.job.get(id) !== undefined) write('job', id, undefined)
    },
    savepoint() {
      const mark = undo.length
      const forget = recorder.mark()
      return () => {
        rollBackTo(mark)
        forget()
      }
    },
    commit() {
      recorder.finish()
      return [...changes.values()]
    },
    rollBack() {
      rollBackTo(0)
    },
  }
  const recorder = context.createRecorder(tx)
  return tx
}
