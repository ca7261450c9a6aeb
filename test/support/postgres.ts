import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { freePort } from './redis.ts'
import { until } from './until.ts'

/** A PostgreSQL of our own for a test: a server that can be killed and started again over the same files. */
export interface PostgresServer {
  readonly url: string
  kill(): void
  /** Answers when it has recovered and takes connections. */
  start(): Promise<void>
}

const DEBIAN = '/usr/lib/postgresql'
const PROGRAMS = programs()

export const HAS_POSTGRES = PROGRAMS !== undefined

/** Where the server's programs are; they are rarely in the path. */
function programs(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted() : []
  const folders = [
    ...versions.toReversed().map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
  ]
  return folders.find((folder) => existsSync(join(folder, 'initdb')))
}

/** The server refuses to run as root, so that it belongs to nobody then. */
function owner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody']).toString())
  return { uid: id('-u'), gid: id('-g') }
}

export async function startPostgres(): Promise<PostgresServer> {
  if (PROGRAMS === undefined) throw new Error('The programs of PostgreSQL are not installed')
  const programsFolder = PROGRAMS
  const folder = mkdtempSync(join(tmpdir(), 'farebox-postgres-'))
  const as = owner()
  if (as !== undefined) chownSync(folder, as.uid, as.gid)
  const data = join(folder, 'data')
  execFileSync(
    join(programsFolder, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'],
    { ...as, cwd: folder, stdio: 'ignore' },
  )
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  let child: ChildProcess | undefined
  onTestFinished(() => {
    child?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  })

  /** While backends of the one that was killed are still there, a new server ends at once. */
  function spawnServer(): void {
    const places = ['-h', '127.0.0.1', '-p', String(port), '-k', folder]
    child = spawn(join(programsFolder, 'postgres'), ['-D', data, ...places], {
      ...as,
      cwd: folder,
      stdio: 'ignore',
    })
  }

  async function isReady(): Promise<boolean> {
    if (child?.exitCode !== null) spawnServer()
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.query('select 1')
      return true
    } catch {
      return false
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  async function start(): Promise<void> {
    spawnServer()
    await until(isReady, Boolean)
  }

  await start()
  return { url, start, kill: () => void child?.kill('SIGKILL') }
}
