import { PGlite } from '@electric-sql/pglite'

/** PostgreSQL as PGlite starts it, but with every commit on the disk before it is acknowledged. */
export const DURABLE_PARAMETERS = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  '-c',
  'fsync=on',
  '-c',
  'wal_sync_method=fsync',
  '-c',
  'shared_buffers=16MB',
]
