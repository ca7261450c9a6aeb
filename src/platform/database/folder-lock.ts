import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'

/**
 * Only one process may open a data folder: two embedded databases on the same files corrupt them without a word.
 *
 * SQLite holds the lock because the kernel then frees it whenever the process dies, `kill -9` included; a pid file
 * would have to be judged by its age, and judging wrong loses data.
 */
export interface FolderLock {
  release(): void
}

/** Takes the lock, or returns `undefined` when another process holds it. */
export function lockFolder(folder: string): FolderLock | undefined {
  const lock = new DatabaseSync(join(folder, 'lock'))
  try {
    lock.exec('pragma busy_timeout = 0; pragma locking_mode = exclusive; begin exclusive')
  } catch {
    lock.close()
    return undefined
  }
  return { release: () => lock.close() }
}
