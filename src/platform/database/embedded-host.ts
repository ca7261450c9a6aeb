/**
 * The worker thread that holds the embedded database. Clients connect through message ports and speak PostgreSQL's
 * wire protocol, so the rest of the product uses an ordinary `pg` pool and never knows.
 *
 * PGlite runs SQL synchronously; on the main thread every slow statement would stall the gateway.
 */
import { PGlite } from '@electric-sql/pglite'
import { readFile } from 'node:fs/promises'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { DurableNodeFS } from './durable-filesystem.ts'
import { DURABLE_PARAMETERS } from './durable-parameters.ts'
import {
  createFrontendReader,
  fatalError,
  simpleQuery,
  transactionStatus,
  welcome,
} from './wire-protocol.ts'

/** Where the database lives. Memory is for tests; it may start from a data folder saved as a tar file. */
export type HostOptions =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'memory'; readonly templateFile?: string | undefined }

export type HostRequest =
  | { readonly kind: 'connect'; readonly port: MessagePort }
  | { readonly kind: 'maintain' }
  | { readonly kind: 'dump'; readonly file: string }
  | { readonly kind: 'close' }

export type HostReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'dumped' }

/** A transaction that does nothing for so long holds up everyone else; it is rolled back. */
const IDLE_IN_TRANSACTION_MS = 30_000
const CHECKPOINT_AFTER_WAL_BYTES = 64 * 1024 * 1024

interface Session {
  readonly port: MessagePort
  isClosed: boolean
}

async function open(options: HostOptions): Promise<PGlite> {
  if (options.kind === 'memory') {
    if (options.templateFile === undefined) return PGlite.create()
    return PGlite.create({ loadDataDir: new Blob([await readFile(options.templateFile)]) })
  }
  const files = new DurableNodeFS(options.folder)
  const database = await PGlite.create({ fs: files, startParams: DURABLE_PARAMETERS })
  const before = files.fsyncCount
  await database.exec(`select pg_logical_emit_message(true, 'farebox', 'durability probe')`)
  if (files.fsyncCount === before) {
    throw new Error('The embedded database does not write through to the disk')
  }
  return database
}

function serve(database: PGlite): (request: HostRequest) => void {
  const waiting: { session: Session; bytes: Uint8Array }[] = []
  let owner: Session | undefined
  let ownerActiveAt = Date.now()
  let isBusy = false
  let sessionCount = 0
  let lastCheckpointLsn = 0

  /** While a session is in a transaction nobody else may run: there is only one backend. */
  function runNext(): void {
    if (isBusy) return
    const index = owner === undefined ? 0 : waiting.findIndex(({ session }) => session === owner)
    const [next] = index < 0 ? [] : waiting.splice(index, 1)
    if (next === undefined) return
    isBusy = true
    void run(next.session, next.bytes).finally(() => {
      isBusy = false
      runNext()
    })
  }

  async function run(session: Session, bytes: Uint8Array): Promise<void> {
    const parts: Buffer[] = []
    try {
      await database.runExclusive(() =>
        database.execProtocolRawStream(bytes, {
          syncToFs: false,
          onRawData: (data) => parts.push(Buffer.from(data)),
        }),
      )
    } catch (error) {
      // Nothing is known about the backend's state any more; the process restarts from the write-ahead log.
      throw new Error('The embedded database broke off', { cause: error })
    }
    const response = Buffer.concat(parts)
    const status = transactionStatus(response)
    if (status !== undefined) owner = status === 'I' ? undefined : session
    ownerActiveAt = Date.now()
    if (!session.isClosed) send(session, new Uint8Array(response))
    else if (owner === session) enqueue(session, simpleQuery('rollback'))
  }

  function enqueue(session: Session, bytes: Uint8Array): void {
    waiting.push({ session, bytes })
    runNext()
  }

  function send(session: Session, bytes: Uint8Array): void {
    session.port.postMessage(bytes, [bytes.buffer as ArrayBuffer])
  }

  function end(session: Session): void {
    if (session.isClosed) return
    session.isClosed = true
    session.port.close()
    if (owner === session) enqueue(session, simpleQuery('rollback'))
  }

  function connect(port: MessagePort): void {
    const session: Session = { port, isClosed: false }
    const read = createFrontendReader(`s${sessionCount++}_`)
    port.on('message', (bytes: Uint8Array | null) => {
      if (bytes === null) {
        end(session)
        return
      }
      for (const input of read(Buffer.from(bytes))) {
        if (input.kind === 'startup') send(session, welcome())
        else if (input.kind === 'unit') enqueue(session, input.bytes)
        else end(session)
      }
    })
  }

  function releaseIdleOwner(): void {
    if (owner === undefined || isBusy || Date.now() - ownerActiveAt < IDLE_IN_TRANSACTION_MS) return
    const session = owner
    send(session, fatalError('terminating connection due to idle-in-transaction timeout'))
    end(session)
  }

  /** The single-user backend has no checkpointer and no autovacuum of its own. */
  async function maintain(): Promise<void> {
    releaseIdleOwner()
    if (owner !== undefined) return
    const { rows } = await database.query<{ lsn: string }>(
      `select (pg_current_wal_lsn() - '0/0'::pg_lsn)::text as lsn`,
    )
    const lsn = Number(rows[0]?.lsn ?? 0)
    if (lsn - lastCheckpointLsn < CHECKPOINT_AFTER_WAL_BYTES) return
    lastCheckpointLsn = lsn
    await database.exec('vacuum (analyze)')
    await database.exec('checkpoint')
  }

  return (request) => {
    switch (request.kind) {
      case 'connect':
        connect(request.port)
        return
      case 'maintain':
        void maintain()
        return
      case 'dump':
        void dump(database, request.file)
        return
      case 'close':
        void database.close().then(() => process.exit(0))
    }
  }
}

async function dump(database: PGlite, file: string): Promise<void> {
  const { writeFile } = await import('node:fs/promises')
  const archive = await database.dumpDataDir('none')
  await writeFile(file, Buffer.from(await archive.arrayBuffer()))
  reply({ kind: 'dumped' })
}

function reply(message: HostReply): void {
  parentPort?.postMessage(message)
}

try {
  const handle = serve(await open(workerData as HostOptions))
  parentPort?.on('message', handle)
  reply({ kind: 'ready' })
} catch (error) {
  reply({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  process.exit(1)
}
