import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { farebox } from './support/cli.ts'
import { fee, monthly, quota } from './support/sold-plans.ts'
import { openWorld, type World } from './support/world.ts'

let world: World
let folder: string
beforeAll(async () => {
  world = await openWorld()
  folder = mkdtempSync(join(tmpdir(), 'farebox-catalog-'))
  for (const key of ['club', 'guild']) {
    await world.sells(key, monthly(key, [fee('29.00'), quota('requests', '5')]))
  }
  await world.sells(
    'extra',
    monthly('Extra calls', [fee('10.00', { name: 'Extra calls' }), quota('requests', '3')], {
      rateLimits: [{ name: 'calls', limit: 50, windowSeconds: 60 }],
      addOn: { planKeys: ['club', 'guild'], maximumQuantity: 5 },
    }),
  )
})
afterAll(async () => {
  await world.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Catalog {
  plans: ({ key: string } & Record<string, unknown>)[]
}

const file = () => join(folder, 'catalog.yaml')
const read = () => parse(readFileSync(file(), 'utf8')) as Catalog
const plans = (verb: string) => farebox(world, `plans ${verb} --file ${file()}`)
const said = async (line: string) => {
  const { code, err } = await plans(line)
  return [code, err]
}
const extraOf = ({ plans: all }: Catalog) => {
  const found = all.find(({ key }) => key === 'extra')
  if (found === undefined) throw new Error('The add-on is not in the file')
  return found
}
const NOTHING = [0, 'Nothing differs.\n']

test('an add-on is pulled with what it goes with and how often, and pushing it again changes nothing', async () => {
  await plans('pull')

  expect(extraOf(read())).toMatchObject({
    addOn: { planKeys: ['club', 'guild'], maximumQuantity: 5 },
  })
  expect(await said('diff')).toEqual(NOTHING)
  expect(await said('push')).toEqual(NOTHING)
})

test('an add-on that goes with other plans is another version of it, and nothing the second time', async () => {
  const catalog = read()
  extraOf(catalog)['addOn'] = { planKeys: ['club'] }
  writeFileSync(file(), stringify(catalog))

  expect(await said('push --yes')).toEqual([0, expect.stringContaining('Pushed: 1 changes')])
  expect(await said('push --yes')).toEqual(NOTHING)
  const { data } = await world.operator.get('/api/v1/plans')
  expect(data.find(({ key }) => key === 'extra')?.active).toMatchObject({
    version: 2,
    definition: { addOn: { planKeys: ['club'], maximumQuantity: null } },
  })
})

test('an add-on is taken off sale together with the plans it goes with', async () => {
  const { plans: all, ...others } = read()
  const kept = all.filter(({ key }) => !['extra', 'club', 'guild'].includes(key))
  writeFileSync(file(), stringify({ ...others, plans: kept }))

  expect((await plans('push --yes')).code).toBe(0)
  const { data } = await world.operator.get('/api/v1/plans')
  expect(data.filter(({ active }) => active !== null).map(({ key }) => key)).not.toContain('extra')
})
