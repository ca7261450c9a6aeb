import { AppError, notFound } from '../../errors.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Finding, FindingInput } from './finding.ts'
import * as store from './store.ts'

interface FindingsDeps {
  readonly database: Database
  readonly clocks: Clocks
  readonly audit: Audit
}

export type Findings = ReturnType<typeof createFindings>

export function createFindings({ database, clocks, audit }: FindingsDeps) {
  return {
    /** Tells a difference, in the transaction that meets it. Telling it again is harmless. */
    report: (tx: Db, finding: FindingInput) => store.upsert(tx, finding, clocks.now(finding.mode)),

    /** The difference is gone: what was open under the key is repaired. */
    async repaired(tx: Db, mode: Mode, dedupeKey: string, note: string): Promise<boolean> {
      return store.settle(tx, mode, { dedupeKey }, 'repaired', note, clocks.now(mode))
    },

    list(
      mode: Mode,
      filter: store.FindingFilter,
      page: PageRequest,
      db: Db = database.db,
    ): Promise<Page<Finding>> {
      return store.list(db, mode, filter, page)
    },

    countOpen: (mode: Mode) => store.countOpen(database.db, mode),

    /** An operator looked at it and says why nothing needs to be done. */
    async dismiss(caller: Caller, id: string, note: string): Promise<Finding> {
      const { mode } = caller
      return database.transaction(async (tx) => {
        const finding = await store.find(tx, mode, id)
        if (finding === undefined) throw notFound('finding')
        if (!(await store.settle(tx, mode, { id }, 'dismissed', note, clocks.now(mode)))) {
          throw new AppError('finding_is_settled', { state: finding.state })
        }
        await audit.record(tx, caller, {
          action: 'finding.dismissed',
          targetKind: 'finding',
          targetId: id,
          customerId: finding.customerId,
          after: { note },
        })
        const after = await store.find(tx, mode, id)
        if (after === undefined) throw notFound('finding')
        return after
      })
    },
  }
}
