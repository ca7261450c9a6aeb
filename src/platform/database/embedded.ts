import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { MessageChannel, Worker } from 'node:worker_threads'
import { AppError } from '../../errors.ts'
import type { HostOptions, HostReply, HostRequest } from './embedded-host.ts'
import { lockFolder } from './folder-lock.ts'
import { PortStream } from './port-stream.ts'

const MAINTENANCE_INTERVAL_MS = 15_000

export interface EmbeddedDatabase {
  /** A new client connection, for the `stream` option of a `pg` pool. */
  connect(): PortStream
  /** Writes the whole data folder to one tar file, as a template for tests. */
  dump(file: string): Promise<void>
  close(): Promise<void>
}

export type EmbeddedStorage =
  | {
      readonly kind: 'folder'
      readonly folder: string
      /** A freshly initialized data folder to copy instead of running initdb, which takes seconds. */
      readonly templateFolder?: string | undefined
    }
  | { readonly kind: 'memory'; readonly templateFile?: string | undefined }

/**
 * Opens the embedded database in a worker thread, and refuses a folder that another process has open.
 * `onFailure` hears that the backend died; the process should stop: what was acknowledged is in the write-ahead log.
 */
export async function openEmbedded(
  storage: EmbeddedStorage,
  onFailure: (error: Error) => void,
): Promise<EmbeddedDatabase> {
  if (storage.kind === 'memory') return startHost(storage, onFailure)

  const { folder, templateFolder } = storage
  mkdirSync(folder, { recursive: true })
  const lock = lockFolder(folder)
  if (lock === undefined) throw new AppError('data_folder_in_use', { folder })
  try {
    const files = join(folder, 'postgres')
    prepareFolder(files, templateFolder)
    const host = await startHost({ kind: 'folder', folder: files }, onFailure)
    return {
      ...host,
      async close() {
        await host.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** A folder appears under its name only when it is complete, so that a crash on first start leaves nothing behind. */
function prepareFolder(files: string, template: string | undefined): void {
  if (existsSync(files) || template === undefined || !existsSync(template)) return
  const unfinished = `${files}.tmp`
  rmSync(unfinished, { recursive: true, force: true })
  cpSync(template, unfinished, { recursive: true })
  renameSync(unfinished, files)
}

async function startHost(
  options: HostOptions,
  onFailure: (error: Error) => void,
): Promise<EmbeddedDatabase> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const worker = new Worker(new URL(`./embedded-host.${extension}`, import.meta.url), {
    // What `top -H` shows.
    name: 'database',
    workerData: options,
  })
  const ask = (request: HostRequest): void => worker.postMessage(request)
  await nextReply(worker, 'ready')

  let isClosing = false
  worker.on('error', (error) => onFailure(error as Error))
  worker.on('exit', () => {
    if (!isClosing) onFailure(new Error('The embedded database stopped'))
  })
  const maintenance = setInterval(() => ask({ kind: 'maintain' }), MAINTENANCE_INTERVAL_MS)
  maintenance.unref()

  return {
    connect() {
      const { port1, port2 } = new MessageChannel()
      worker.postMessage({ kind: 'connect', port: port2 } satisfies HostRequest, [port2])
      return new PortStream(port1)
    },
    async dump(file) {
      ask({ kind: 'dump', file })
      await nextReply(worker, 'dumped')
    },
    async close() {
      isClosing = true
      clearInterval(maintenance)
      const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
      ask({ kind: 'close' })
      await exited
    },
  }
}

function nextReply(worker: Worker, kind: HostReply['kind']): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (reply: HostReply) => {
      worker.off('error', reject)
      if (reply.kind === kind) resolve()
      else reject(new Error(reply.kind === 'failed' ? reply.message : `Unexpected ${reply.kind}`))
    })
  })
}
