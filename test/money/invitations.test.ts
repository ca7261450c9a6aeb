import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackOffice, openBackOffice } from '../support/back-office.ts'
import { aFee, aPlan } from '../support/plans.ts'

let office: BackOffice

beforeAll(async () => {
  office = await openBackOffice()
  const { domain, caller } = office
  const definition = aPlan({ visibility: 'private' }, [aFee('7.00')])
  await domain.catalog.createPlan(caller, { key: 'partner', isDefault: false, definition })
  await domain.publishing.publish(caller, 'partner')
})
afterAll(() => office.close())

test('the token of an invitation is nowhere in the database before the mail is out', async () => {
  const { domain, caller, database } = office
  const guest = { kind: 'address' as const, email: 'ada@example.com' }
  await domain.invitations.invite(caller, { planKey: 'partner', guest, expiresInDays: 14 })
  const rows = [
    await database.db.selectFrom('planInvitations').selectAll().execute(),
    await database.db.selectFrom('notifications').selectAll().execute(),
    await database.db.selectFrom('jobs').selectAll().execute(),
    await database.db.selectFrom('auditEntries').selectAll().execute(),
  ]
  const mailsBefore = await office.mails()
  await office.settle()
  const letters = await database.db.selectFrom('mailboxMessages').select('text').execute()
  const [token = ''] = letters.flatMap(
    ({ text }) => /\/portal\/invitations\/(\w+)/.exec(text)?.[1] ?? [],
  )

  expect(mailsBefore).toEqual([])
  expect(token).toMatch(/^\w{43}$/)
  expect(inspect(rows, { depth: null, maxArrayLength: null })).not.toContain(token)
})
