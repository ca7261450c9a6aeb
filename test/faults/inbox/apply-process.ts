/**
 * The services on a folder's database and a Stripe elsewhere, in a process that can be killed while it applies what is in
 * the inbox. Started again it finds leases that have run out, because its clock is later.
 */
import { type Database, openDatabase } from '../../../src/platform/database/database.ts'
import { openBackOffice } from '../../support/back-office.ts'

const [folder = '', stripeUrl = '', aheadMs = '0'] = process.argv.slice(2)
const opened = await openDatabase({
  storage: { kind: 'folder', folder },
  onFailure: (error) => {
    throw error
  },
})
/** Says when something is committed; what follows is the middle of the rest. */
const database: Database = {
  ...opened,
  async transaction(work) {
    const result = await opened.transaction(work)
    process.send?.('committed')
    return result
  },
}
const office = await openBackOffice({
  database,
  simulatorUrl: stripeUrl,
  aheadMs: Number(aheadMs),
})
const { inbox } = office.domain
const backlog = await inbox.backlog('test')
process.send?.({ left: backlog.reduce((sum, { count }) => sum + count, 0) })
await inbox.apply()
process.send?.('applied')
process.disconnect()
await office.close()
