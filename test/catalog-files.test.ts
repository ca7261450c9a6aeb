import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { type CliResult, farebox } from './support/cli.ts'
import { openWorld, type World } from './support/world.ts'

let world: World
let folder: string

beforeAll(async () => {
  world = await openWorld()
  folder = mkdtempSync(join(tmpdir(), 'farebox-catalog-'))
})
afterAll(async () => {
  await world.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Catalog {
  readonly meters: Record<string, unknown>[]
  readonly features: Record<string, unknown>[]
  readonly plans: ({ key: string; name: string } & Record<string, unknown>)[]
  readonly creditPacks: Record<string, unknown>[]
}

const file = (name: string) => join(folder, `${name}.yaml`)
const read = (name: string) => readFileSync(file(name), 'utf8')
const write = (name: string, text: string) => writeFileSync(file(name), text)
const plans = (verb: string, name: string, more = ''): Promise<CliResult> =>
  farebox(world, `plans ${verb} --file ${file(name)}${more === '' ? '' : ` ${more}`}`)
const push = (name: string) => plans('push', name, '--yes')
/** What is on sale now, as a file would say it. */
async function pulled(): Promise<Catalog> {
  const { out } = await farebox(world, 'plans pull --file -')
  return { creditPacks: [], ...(parse(out) as object) } as unknown as Catalog
}
/** Writes a file with what is on sale, changed. */
async function edited(name: string, edit: (catalog: Catalog) => void): Promise<void> {
  const catalog = await pulled()
  edit(catalog)
  write(name, stringify(catalog))
}
const planOf = ({ plans: all }: Catalog, key: string) => {
  const found = all.find((plan) => plan.key === key)
  if (found === undefined) throw new Error(`There is no plan ${key}`)
  return found
}
const changesOf = (result: CliResult) =>
  (result.json()['changes'] as { kind: string; key: string; change: string }[])
    .filter(({ change }) => change !== 'keep')
    .map(({ kind, key, change }) => `${change} ${kind} ${key}`)

test('S3.56 what is on sale is pulled into a file, and pushing it again changes nothing', async () => {
  const pull = await plans('pull', 'first')
  const diff = await plans('diff', 'first')
  const pushed = await plans('push', 'first')

  expect([pull.code, pull.err]).toEqual([0, expect.stringContaining('4 plans')])
  expect([diff.code, diff.out, diff.err]).toEqual([0, '', 'Nothing differs.\n'])
  expect([pushed.code, pushed.err]).toEqual([0, 'Nothing differs.\n'])
  expect(read('first')).toContain('{ type: flat, amount: "29.00" }')
})

test('a push shows first what it does, in ours and in Stripe, and to whom', async () => {
  const ada = await world.customer('Ada')
  await ada.subscribes('pro')
  await edited('dearer', (catalog) => {
    const [phase] = planOf(catalog, 'pro')['phases'] as { rateCards: { prices?: unknown }[] }[]
    for (const card of phase?.rateCards ?? []) {
      if (card.prices) card.prices = { usd: { type: 'flat', amount: '39.00' } }
    }
  })

  const before = await plans('diff', 'dearer')
  const dry = await plans('push', 'dearer', '--dry-run')
  const refused = await plans('push', 'dearer')
  const unchanged = await world.operator.get('/api/v1/plans')

  expect(before.code).toBe(3)
  expect(dry.code).toBe(0)
  expect(dry.out).toMatch(/version\tplan pro\t\t1 subscriptions stay on the version they have/)
  expect(dry.out).toMatch(/in Stripe: create price, subscription in usd/)
  expect(dry.out).toMatch(/in Stripe: archive price, subscription in usd\tprice_/)
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('--yes')])
  expect(unchanged.data.find(({ key }) => key === 'pro')?.active?.version).toBe(1)
})

test('a push is confirmed on a terminal, publishes what differs, and is nothing the second time', async () => {
  const line = `plans push --file ${file('dearer')}`
  const no = await farebox(world, line, { isTTY: true, answer: 'n\n' })
  const yes = await farebox(world, line, { isTTY: true, answer: 'y\n' })
  const again = await push('dearer')
  const { data } = await world.operator.get('/api/v1/plans')
  const pro = data.find(({ key }) => key === 'pro')

  expect([no.code, no.err]).toEqual([2, expect.stringContaining('Nothing was changed')])
  expect([yes.code, yes.err]).toEqual([0, expect.stringContaining('Pushed: 1 changes')])
  expect([again.code, again.err]).toEqual([0, 'Nothing differs.\n'])
  expect([pro?.active?.version, pro?.draft, pro?.subscriberCount]).toEqual([2, null, 1])
})

test('everything that is wrong is said at once, each with its path in the file', async () => {
  await edited('wrong', (catalog) => {
    catalog.meters.push({ key: 'Bad Key', name: 'X', eventType: 'x', aggregation: 'median' })
    catalog.meters[0]!['aggregation'] = 'sum'
    catalog.features.push({ key: 'lost', name: 'Lost', meterKey: 'nowhere' })
    planOf(catalog, 'free')['billingCadence'] = 'monthly'
    planOf(catalog, 'pro')['proration'] = {
      mode: 'time_based',
      anchor: 'reset',
      onPlanChange: 'fresh',
    }
    planOf(catalog, 'scale')['isDefault'] = true
    planOf(catalog, 'payg')['colour'] = 'red'
    catalog.creditPacks.push({ key: 'p', name: 'P', unit: 'feature:nothing', price: '0' })
  })

  const { code, err, out } = await push('wrong')

  expect([code, out]).toEqual([1, ''])
  const paths = err.split('\n').flatMap((line) => /^ {2}([^:]+):/.exec(line)?.[1] ?? [])
  expect(paths).toEqual(
    expect.arrayContaining([
      'meters[1].key',
      'meters[1].aggregation',
      'meters[1].unit',
      'meters[0].aggregation',
      'meters[0].valueProperty',
      'plans[0].billingCadence',
      'plans[1].proration',
      'plans[3].colour',
      'creditPacks[0].amountPerPack',
      'creditPacks[0].currency',
    ]),
  )
  expect(err).toContain('can never change; give the new one another key')
})

test('plans come, are renamed, reordered and go, and pulling gives the file that was pushed', async () => {
  await edited('moved', (catalog) => {
    catalog.meters.push({
      key: 'tokens',
      name: 'Tokens',
      eventType: 'tokens',
      aggregation: 'sum',
      valueProperty: 'total',
      unit: 'token',
    })
    catalog.features.push({ key: 'tokens', name: 'Tokens', meterKey: 'tokens' })
    const pro = planOf(catalog, 'pro')
    const team = { ...structuredClone(pro), key: 'team', name: 'Team' }
    const kept = catalog.plans.filter(({ key }) => key !== 'scale')
    catalog.plans.splice(0, catalog.plans.length, team, ...kept)
    planOf(catalog, 'free')['isDefault'] = true
    catalog.creditPacks.push({
      key: 'tokens_1m',
      name: 'A million tokens',
      unit: 'feature:tokens',
      amountPerPack: '1000000',
      price: '5.00',
      currency: 'usd',
    })
  })

  const shown = changesOf(await plans('diff', 'moved', '--json'))
  const { code } = await push('moved')
  const after = await plans('diff', 'moved')
  const { data } = await world.operator.get('/api/v1/plans')

  expect(shown).toEqual([
    'create meter tokens',
    'create feature tokens',
    'create plan team',
    'archive plan scale',
    'create credit_pack tokens_1m',
    'change plan_order plans',
    'change default_plan free',
  ])
  expect([code, after.code, after.err]).toEqual([0, 0, 'Nothing differs.\n'])
  expect(data.map(({ key }) => key)).toEqual(['team', 'free', 'pro', 'payg', 'scale'])
  expect(data.at(-1)?.active).toBeNull()
  expect(await pulled()).toEqual(parse(read('moved')))
})

test('what is gone comes back with its file: the same prices in Stripe, the same meters', async () => {
  const dry = await plans('push', 'dearer', '--dry-run')
  const { code } = await push('dearer')
  const { data } = await world.operator.get('/api/v1/plans')

  expect(dry.out).toMatch(/restore\tplan scale/)
  expect(dry.out).toMatch(/in Stripe: restore price, subscription in usd/)
  expect(code).toBe(0)
  expect(data.map(({ key, active }) => [key, active !== null])).toEqual([
    ['free', true],
    ['pro', true],
    ['scale', true],
    ['payg', true],
    ['team', false],
  ])
  expect((await plans('diff', 'dearer')).code).toBe(0)
})

test('a meter that subscriptions are metered by stays, whatever the file says', async () => {
  await edited('meterless', (catalog) => {
    catalog.meters.splice(0)
    catalog.features.splice(0)
    const empty = { key: 'main', name: 'Main', duration: null, rateCards: [] }
    catalog.plans.splice(0, catalog.plans.length, {
      key: 'free',
      name: 'Free',
      isDefault: true,
      currencies: ['usd'],
      billingCadence: 'P1M',
      isPaymentMethodRequired: false,
      phases: [empty],
    })
  })

  const diff = await plans('diff', 'meterless', '--json')
  const kept = (diff.json()['changes'] as { kind: string; change: string; note: string }[]).filter(
    ({ kind, change }) => kind === 'meter' && change === 'keep',
  )

  expect(kept).toMatchObject([{ note: expect.stringContaining('open subscriptions') as string }])
})

test('pulling into a file keeps comments and configuration, and touches only what differs', async () => {
  const text = `# What this machine runs with.
host: 127.0.0.1 # only here

${read('dearer').replace('  - key: pro\n', '  # Asked for by the sales team.\n  - key: pro\n')}`
  write('commented', text)

  await plans('pull', 'commented')
  const same = read('commented')
  await edited('renamed', (catalog) => {
    planOf(catalog, 'scale').name = 'Large'
  })
  await push('renamed')
  await plans('pull', 'commented')
  const other = read('commented')

  expect(parse(same)).toEqual(parse(text))
  expect(same).toContain('# What this machine runs with.')
  expect(same).toContain('# Asked for by the sales team.')
  expect(other).toContain('host: 127.0.0.1 # only here')
  expect(other).toContain('# Asked for by the sales team.')
  expect(other).toContain('name: Large')
  expect((await plans('diff', 'commented')).code).toBe(0)
})

test('a push that was looked at does nothing else: what changed meanwhile is looked at again', async () => {
  const catalog = await world.operator.get('/api/v1/catalog')
  const { revision } = await world.operator.post('/api/v1/catalog/diff', {
    body: { catalog: { ...catalog } },
  })
  await farebox(world, 'plans order payg')
  const late = world.operator.put('/api/v1/catalog', {
    body: { catalog: { ...catalog }, revision },
  })

  await expect(late).rejects.toMatchObject({ problem: { code: 'catalog_changed' } })
})

test('S3.44 the plan order is read and set, and a plan that is named moves first', async () => {
  const { out } = await farebox(world, 'plans order')
  const set = await farebox(world, 'plans order free pro')
  const unknown = await farebox(world, 'plans order free nothing')

  expect(out.split('\n')[0]).toBe('payg')
  expect(set.out).toBe('free\npro\npayg\nscale\nteam\n')
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('no plan nothing')])
})

test('a plan is archived when nobody falls back to it, and its subscriptions keep it', async () => {
  await world.operator.post('/api/v1/plans/{planKey}/default', { params: { planKey: 'free' } })
  const refused = await farebox(world, 'plans archive free --yes')
  const { code, err } = await farebox(world, 'plans archive pro --yes')
  const again = await farebox(world, 'plans archive pro --yes')
  const { data } = await world.operator.get('/api/v1/plans')

  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('plan_is_default')])
  expect([code, err]).toEqual([0, 'pro is off sale.\n'])
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('plan_not_available')])
  expect(data.find(({ key }) => key === 'pro')).toMatchObject({ active: null, subscriberCount: 1 })
  // It keeps its place, and its name.
  const { out } = await farebox(world, 'plans order', { isTTY: true })
  expect(out).toMatch(/^pro +Pro +archived$/m)
  // A file has no archived plans; their places are no difference.
  await farebox(world, 'plans order pro')
  await plans('pull', 'without-pro')
  expect((await plans('diff', 'without-pro')).code).toBe(0)
})

test('a file that cannot be read says what to do', async () => {
  write('broken', 'plans: [')
  write('empty', 'host: 127.0.0.1\n')

  expect((await plans('push', 'nowhere')).err).toContain('farebox plans pull')
  expect((await plans('push', 'broken')).err).toContain('not valid YAML')
  expect((await plans('push', 'empty')).err).toContain('has no catalog')
})
