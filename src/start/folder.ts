import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import type { DatabaseOptions } from '../platform/database/database.ts'

/** The package's root, from here in the sources and in the build alike. */
export const ROOT = join(import.meta.dirname, '..', '..')

export function prepareFolder(folder: string): void {
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw new AppError('data_folder_unwritable', { folder }, { cause: error })
  }
}

/** One level after the other: asked for all at once, Node tries forever where none can be made, as below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}

/** PostgreSQL where a URL is given, else the embedded database in the data folder. */
export function databaseOptions(
  config: Config,
  onFailure: (error: Error) => void,
): DatabaseOptions {
  const { url, maxConnections } = config.database
  if (url !== undefined) return { url, maxConnections }
  const template = join(ROOT, 'build', 'database-template')
  const templateFolder = existsSync(join(template, 'PG_VERSION')) ? template : undefined
  return {
    storage: { kind: 'folder', folder: join(config.data, 'database'), templateFolder },
    onFailure,
  }
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string
  }
  return version
}
