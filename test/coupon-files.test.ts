import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { type CliResult, farebox } from './support/cli.ts'
import { openWorld, type World } from './support/world.ts'

/** Coupons in the catalog file, as `catalog-files.test.ts` tests what else is in it. */
let world: World
let folder: string

beforeAll(async () => {
  world = await openWorld()
  folder = mkdtempSync(join(tmpdir(), 'farebox-coupons-'))
})
afterAll(async () => {
  await world.close()
  rmSync(folder, { recursive: true, force: true })
})

type Entry = Record<string, unknown>
interface Catalog {
  readonly plans: Entry[]
  readonly coupons?: Entry[]
}

const plans = (verb: string, name: string, more = ''): Promise<CliResult> =>
  farebox(world, `plans ${verb} --file ${join(folder, name)}.yaml${more === '' ? '' : ` ${more}`}`)
const push = (name: string) => plans('push', name, '--yes')
const write = (name: string, catalog: object) =>
  writeFileSync(join(folder, `${name}.yaml`), stringify(catalog))
/** What is on sale now, as a file would say it. */
const pulled = async () => parse((await farebox(world, 'plans pull --file -')).out) as Catalog
/** Writes a file with what is on sale, changed. */
async function edited(name: string, edit: (catalog: Catalog) => void): Promise<void> {
  const catalog = await pulled()
  edit(catalog)
  write(name, catalog)
}
const changesOf = (result: CliResult) =>
  (result.json()['changes'] as { kind: string; key: string; change: string }[])
    .filter(({ change }) => change !== 'keep')
    .map(({ kind, key, change }) => `${change} ${kind} ${key}`)

/** A plan like another one, with a coupon for it and perhaps more. */
function addTeam(catalog: Catalog, ...more: Entry[]): void {
  const pro = catalog.plans.find(({ key }) => key === 'pro') ?? {}
  catalog.plans.push({ ...pro, key: 'team', name: 'Team', isDefault: false })
  const off = { type: 'amount', amounts: { usd: '5.00' } }
  const five = { name: 'Five off', off, duration: { type: 'forever' } }
  catalog.coupons?.push({ ...five, key: 'team_five', planKeys: ['team'] })
  catalog.coupons?.push(...more.map((changes) => ({ ...five, ...changes })))
}

test('coupons and their codes are pushed, are nothing the second time, and come back in a pull', async () => {
  const launch = {
    key: 'launch',
    name: 'Launch',
    off: { type: 'percentage', percent: '20' },
    duration: { type: 'repeating', months: 3 },
    planKeys: ['pro'],
    codes: [{ code: 'Launch', maxRedemptions: 100 }, { code: 'HELLO' }],
  }
  await edited('coupons', (catalog) => Object.assign(catalog, { coupons: [launch] }))

  const shown = await plans('push', 'coupons', '--dry-run')
  expect(shown.out).toContain('create\tcoupon launch')
  expect((await push('coupons')).err).toContain('Pushed: 1 changes')
  expect((await push('coupons')).err).toBe('Nothing differs.\n')
  expect((await pulled()).coupons).toEqual([
    { ...launch, codes: [{ code: 'HELLO' }, { code: 'LAUNCH', maxRedemptions: 100 }] },
  ])

  // A code for one customer is theirs, and in no file.
  const { id: customerId } = await world.operator.post('/api/v1/customers', {
    body: { name: 'Grace', email: 'grace@example.com' },
  })
  const params = { couponKey: 'launch' }
  const body = { code: 'FOR-GRACE', customerId }
  await world.operator.post('/api/v1/coupons/{couponKey}/codes', { params, body })
  await edited('fewer', (catalog) => {
    Object.assign(catalog.coupons?.[0] ?? {}, { codes: [{ code: 'HELLO' }, { code: 'AGAIN' }] })
  })
  const fewer = await plans('push', 'fewer', '--yes')
  const { codes } = await world.operator.get('/api/v1/coupons/{couponKey}', { params })
  const live = codes.filter(({ deactivatedAt }) => deactivatedAt === null)

  expect(fewer.out).toContain('Adds the code AGAIN, takes LAUNCH back.')
  expect(live.map(({ code }) => code).toSorted()).toEqual(['AGAIN', 'FOR-GRACE', 'HELLO'])
})

test('a coupon that is missing is archived, comes back with the file, and never changes', async () => {
  const restored = await plans('pull', 'kept')
  expect(restored.err).toContain('1 coupons')
  await edited('none', (catalog) => Object.assign(catalog, { coupons: [] }))
  await edited('other', (catalog) => {
    Object.assign(catalog.coupons?.[0] ?? {}, { off: { type: 'percentage', percent: '30' } })
  })
  const { coupons: _, ...silent } = await pulled()
  write('silent', silent)

  expect((await plans('diff', 'silent')).err).toBe('Nothing differs.\n')
  const refused = await plans('push', 'other', '--yes')
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('coupons[0].off')])
  expect(changesOf(await plans('push', 'none', '--yes --json'))).toEqual(['archive coupon launch'])
  expect((await pulled()).coupons ?? []).toEqual([])
  expect(changesOf(await plans('push', 'kept', '--yes --json'))).toEqual(['restore coupon launch'])
  expect((await push('kept')).err).toBe('Nothing differs.\n')
})

test('a coupon may be for a plan that comes with the same file, and for no other', async () => {
  await edited('lost', (catalog) => addTeam(catalog, { key: 'lost', planKeys: ['gone'] }))
  await edited('together', (catalog) => addTeam(catalog))

  const refused = await push('lost')
  expect(refused.err).toContain('coupons[2].planKeys.0: no plan gone is on sale')
  expect((await push('together')).err).toContain('Pushed')
  expect((await push('together')).err).toBe('Nothing differs.\n')
})

test('a code belongs to one coupon', async () => {
  await edited('twice', (catalog) => {
    for (const coupon of catalog.coupons ?? []) coupon['codes'] = [{ code: 'same' }]
  })

  expect((await push('twice')).err).toContain('coupons[1].codes[0].code: is given twice')
})
