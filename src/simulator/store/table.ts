/** What every stored document has. Documents are values: an update replaces the whole, so old ones stay true snapshots. */
export interface Document {
  readonly id: string
}

/**
 * Documents of one kind in the order they were made, with lookups by a few fields. `put` and `remove` know nothing of
 * transactions: undoing a change or a removal is putting the old value back, which also restores its place in the order;
 * undoing an insertion is forgetting it.
 */
export interface Table<D extends Document> {
  readonly size: number
  get(id: string): D | undefined
  put(document: D): void
  remove(id: string): void
  /** Removes a document together with its place, so that a later one with the same id gets a new place. */
  forget(id: string): void
  /** Newest first, from just below the given id when there is one. */
  newestFirst(below?: string): IterableIterator<D>
  /** Oldest first, from just above the given id when there is one. */
  oldestFirst(above?: string): IterableIterator<D>
  /** Oldest first. The field must be one of the table's indexed fields. */
  where(field: string, value: string): readonly D[]
  sequenceOf(id: string): number | undefined
  restore(document: D, sequence: number): void
  /** Forgets everything, the order included. */
  clear(): void
  /** Forgets places kept for removed documents. Only between transactions. */
  compact(): void
}

interface Place {
  readonly id: string
  readonly sequence: number
}

export function createTable<D extends Document>(indexedFields: readonly string[]): Table<D> {
  const documents = new Map<string, D>()
  const sequences = new Map<string, number>()
  let places: Place[] = []
  let nextSequence = 1
  const indexes = new Map(
    indexedFields.map((field) => [field, new Map<string, Set<string>>()] as const),
  )

  function reindex(before: D | undefined, after: D | undefined): void {
    for (const [field, index] of indexes) {
      const oldValue = valueOf(before, field)
      const newValue = valueOf(after, field)
      if (oldValue === newValue) continue
      if (oldValue !== undefined && before !== undefined) {
        const ids = index.get(oldValue)
        ids?.delete(before.id)
        if (ids?.size === 0) index.delete(oldValue)
      }
      if (newValue !== undefined && after !== undefined) {
        const ids = index.get(newValue)
        if (ids === undefined) index.set(newValue, new Set([after.id]))
        else ids.add(after.id)
      }
    }
  }

  function put(document: D): void {
    const before = documents.get(document.id)
    if (!sequences.has(document.id)) {
      sequences.set(document.id, nextSequence)
      places.push({ id: document.id, sequence: nextSequence })
      nextSequence += 1
    }
    documents.set(document.id, document)
    reindex(before, document)
  }

  /** The index of the first place whose sequence is at least the given one. */
  function search(sequence: number): number {
    let low = 0
    let high = places.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((places[middle]?.sequence ?? 0) < sequence) low = middle + 1
      else high = middle
    }
    return low
  }

  function* newestFirst(below?: string): IterableIterator<D> {
    const start = below === undefined ? undefined : sequences.get(below)
    for (
      let index = (start === undefined ? places.length : search(start)) - 1;
      index >= 0;
      index--
    ) {
      const document = documents.get(places[index]?.id ?? '')
      if (document !== undefined) yield document
    }
  }

  function* oldestFirst(above?: string): IterableIterator<D> {
    const start = above === undefined ? undefined : sequences.get(above)
    for (let index = start === undefined ? 0 : search(start + 1); index < places.length; index++) {
      const document = documents.get(places[index]?.id ?? '')
      if (document !== undefined) yield document
    }
  }

  function remove(id: string): void {
    const before = documents.get(id)
    if (before === undefined) return
    documents.delete(id)
    reindex(before, undefined)
  }

  return {
    get size() {
      return documents.size
    },
    get: (id) => documents.get(id),
    put,
    remove,
    forget(id) {
      remove(id)
      const sequence = sequences.get(id)
      if (sequence === undefined) return
      sequences.delete(id)
      places.splice(search(sequence), 1)
    },
    newestFirst,
    oldestFirst,
    where(field, value) {
      const ids = indexes.get(field)?.get(value)
      if (ids === undefined) return []
      const found: D[] = []
      for (const id of ids) {
        const document = documents.get(id)
        if (document !== undefined) found.push(document)
      }
      return found.sort((a, b) => (sequences.get(a.id) ?? 0) - (sequences.get(b.id) ?? 0))
    },
    sequenceOf: (id) => sequences.get(id),
    restore(document, sequence) {
      sequences.set(document.id, sequence)
      places.push({ id: document.id, sequence })
      nextSequence = Math.max(nextSequence, sequence + 1)
      documents.set(document.id, document)
      reindex(undefined, document)
    },
    clear() {
      documents.clear()
      sequences.clear()
      places = []
      nextSequence = 1
      for (const index of indexes.values()) index.clear()
    },
    compact() {
      const dead = places.length - documents.size
      if (dead < 1_000 || dead < documents.size) return
      places = places.filter(({ id }) => documents.has(id))
      for (const id of sequences.keys()) if (!documents.has(id)) sequences.delete(id)
    },
  }
}

/** Indexed fields are top-level and hold strings; `inner.x` reaches one level into the hidden part. */
function valueOf(document: Document | undefined, field: string): string | undefined {
  if (document === undefined) return undefined
  const record = document as unknown as Readonly<Record<string, unknown>>
  const value = field.startsWith('inner.')
    ? (record['inner'] as Readonly<Record<string, unknown>> | undefined)?.[field.slice(6)]
    : record[field]
  return typeof value === 'string' ? value : undefined
}
