/**
 * What `npm ci` prepares so that the first start is fast: the web apps, and an initialized database folder to copy
 * instead of running initdb.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openEmbedded } from '../src/platform/database/embedded.ts'

const ROOT = join(import.meta.dirname, '..')
const TEMPLATE = join(ROOT, 'build', 'database-template')

async function prepareDatabase(): Promise<void> {
  if (existsSync(join(TEMPLATE, 'PG_VERSION'))) return
  const unfinished = `${TEMPLATE}.tmp`
  rmSync(unfinished, { recursive: true, force: true })
  const embedded = await openEmbedded({ kind: 'folder', folder: unfinished }, (error) => {
    throw error
  })
  await embedded.close()
  rmSync(TEMPLATE, { recursive: true, force: true })
  renameSync(join(unfinished, 'postgres'), TEMPLATE)
  rmSync(unfinished, { recursive: true, force: true })
}

function buildWeb(): void {
  const { status } = spawnSync('npm', ['run', '--silent', 'build:web'], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('The web could not be built')
}

buildWeb()
await prepareDatabase()
