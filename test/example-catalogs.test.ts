import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { readCatalog as readDocument, writeCatalog } from '../src/api/admin/catalog-document.ts'
import type { PaidFee } from '../src/domain/billing/proration.ts'
import { changeUsage, quoteChange } from '../src/domain/billing/change/quote-change.ts'
import { explainLine } from '../src/domain/billing/explain-line.ts'
import { rateInvoice, type RatedInvoice } from '../src/domain/billing/rate-invoice.ts'
import { planWarnings } from '../src/domain/catalog/plan-warnings.ts'
import { contextOf } from '../src/domain/catalog/validate-catalog.ts'
import { validatePlan } from '../src/domain/catalog/validate-plan.ts'
import { purchasedGrant } from '../src/domain/credits/purchase.ts'
import { formatDecimal } from '../src/kit/decimal.ts'
import { toMajorString } from '../src/kit/money.ts'
import type { Period } from '../src/kit/period.ts'
import { farebox } from './support/cli.ts'
import { type Answer, at, invoiceInput, quantityOf, readingOf, termsOf } from './support/plans.ts'
import { openWorld } from './support/world.ts'

/** The catalogs that ship as examples, held to the months that are promised of them. */
const FOLDER = join(import.meta.dirname, '../examples/catalogs')
const FILES = globSync('*.yaml', { cwd: FOLDER }).map((file) => basename(file, '.yaml'))
const APRIL: Period = { startsAt: at('2026-04-01'), endsAt: at('2026-05-01') }
const MAY: Period = { startsAt: APRIL.endsAt, endsAt: at('2026-06-01') }

/** Reads a file as a push does. */
function readCatalog(name: string) {
  const document = parse(readFileSync(join(FOLDER, `${name}.yaml`), 'utf8')) as object
  const { file, problems } = readDocument({ ...document })
  if (problems.length > 0) throw new Error(`${name} cannot be read: ${JSON.stringify(problems)}`)
  return { ...contextOf(file), plans: file.plans, packs: file.creditPacks }
}

/** The plan of a catalog, and a way to bill a month of it. */
function plan(catalogName: string, planKey: string) {
  const { meters, features, plans } = readCatalog(catalogName)
  const found = plans.find(({ key }) => key === planKey)
  if (found === undefined) throw new Error(`${catalogName} has no plan ${planKey}`)
  const measured = new Map(
    features.flatMap(({ key, meterKey }) => {
      const meter = meters.find((each) => each.key === meterKey)
      return meter === undefined ? [] : [[key, meter]]
    }),
  )
  const month = (answer: Answer): RatedInvoice =>
    rateInvoice(
      invoiceInput(termsOf(found.definition, APRIL.startsAt, { startingPhaseKey: 'main' }), {
        closing: APRIL,
        opening: MAY,
        meters: measured,
        answer,
      }),
    )
  return { definition: found.definition, meters: measured, month }
}

const amounts = ({ lines }: RatedInvoice) =>
  Object.fromEntries(
    lines.map(({ rateCardKey, amountMinor }) => [rateCardKey, Number(amountMinor)]),
  )

test.each(FILES)(
  '%s can be published as it stands, with one plan to fall back to at most',
  (name) => {
    const { meters, features, plans } = readCatalog(name)
    expect(plans.length).toBeGreaterThan(0)
    expect(plans.filter(({ isDefault }) => isDefault).length).toBeLessThanOrEqual(1)
    for (const { key, definition } of plans) {
      expect(validatePlan(definition, { meters, features }), key).toEqual([])
    }
  },
)

test('each of them is pushed into the simulated Stripe, one over the other, and pulled as it was pushed', async () => {
  const world = await openWorld()
  for (const name of FILES) {
    const file = join(FOLDER, `${name}.yaml`)
    const pushed = await farebox(world, `plans push --file ${file} --yes`)
    const again = await farebox(world, `plans diff --file ${file}`)
    const pull = await farebox(world, 'plans pull --file -')
    const { file: there, problems } = readDocument(parse(pull.out) as Record<string, unknown>)
    const onSale = (await world.operator.get('/api/v1/plans')).data.filter(({ active }) => active)

    const { plans, packs } = readCatalog(name)
    expect([pushed.code, again.code, again.err], `${name}: ${pushed.err}`).toEqual([
      0,
      0,
      'Nothing differs.\n',
    ])
    expect([problems, there.plans], name).toEqual([[], plans])
    expect(new Set(there.creditPacks), name).toEqual(new Set(packs))
    expect(onSale.map(({ key }) => key)).toEqual(plans.map(({ key }) => key))
  }
  await world.close()
})

test('the example of the page about the catalog file can be pushed as it stands', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/catalog-file.md'), 'utf8')
  const [, yaml = ''] = /```yaml\n(meters:.*?)```/s.exec(page) ?? []
  const { file, problems } = readDocument(parse(yaml) as Record<string, unknown>)
  const found = file.plans.map(({ definition }) => validatePlan(definition, contextOf(file)))

  expect([problems, found]).toEqual([[], [[], []]])
})

test('S3.56 a catalog that is written and read again is the same, however often', () => {
  for (const name of FILES) {
    const { file } = readDocument(
      parse(readFileSync(join(FOLDER, `${name}.yaml`), 'utf8')) as Record<string, unknown>,
    )
    const once = stringify(writeCatalog(file))
    const back = readDocument(parse(once) as Record<string, unknown>)

    expect([back.file, back.problems], name).toEqual([file, []])
    expect(stringify(writeCatalog(back.file)), name).toBe(once)
  }
})

test.each(FILES)('%s surprises nobody but for what Stripe gets as invoice items', (name) => {
  const messages = readCatalog(name).plans.flatMap(({ definition }) =>
    planWarnings(definition).map(({ message }) => message),
  )
  expect(messages.filter((message) => !message.startsWith('Travels to Stripe'))).toEqual([])
})

test('S0.18 apigate, pay as you go: 12,345 calls are $123.45', () => {
  expect(amounts(plan('apigate', 'pay_as_you_go').month(() => '12345'))).toEqual({
    requests: 12345,
  })
})

test('S0.17 apigate, a fixed quota: $29.00 whatever is used of it', () => {
  expect(amounts(plan('apigate', 'pro').month(() => '99999'))).toEqual({ subscription_fee: 2900 })
})

test('apigate, 100,000 included and a tenth of a cent beyond: 123,456 calls are $23.46 on top of the fee', () => {
  expect(amounts(plan('apigate', 'pro_overage').month(() => '123456'))).toEqual({
    requests: 2346,
    subscription_fee: 2900,
  })
})

test('S1.23 agent marketplace: the four tiers and what they cost', () => {
  const fees = ['free', 'basic', 'pro', 'enterprise'].map((key) => {
    const { totalMinor } = plan('agent-marketplace', key).month(() => [])
    return Number(totalMinor)
  })
  expect(fees).toEqual([0, 2900, 9900, 49900])
})

test('S1.26 agent marketplace: tokens by model, and a fifth of a cent with an own key', () => {
  const answer: Answer = ({ meterKey }) =>
    meterKey === 'own_key_executions'
      ? '12345'
      : [quantityOf('1000000', { model: 'large' }), quantityOf('2000000', { model: 'small' })]
  expect(amounts(plan('agent-marketplace', 'pro').month(answer))).toEqual({
    model_tokens: 3200,
    own_key_executions: 2469,
    subscription_fee: 9900,
  })
})

test('S2.10 admin center: free, $9.99 and $29.99 a month', () => {
  const fees = ['free', 'premium', 'enterprise'].map(
    (key) => plan('admin-center', key).month(() => []).totalMinor,
  )
  expect(fees).toEqual([0n, 999n, 2999n])
})

test('S3.57 zuplo, a base fee as the first tier: $499.00 without a call, $599.00 for 1.2 million', () => {
  const { month } = plan('zuplo', 'scale')
  expect(month(() => '0').totalMinor).toBe(49900n)
  expect(month(() => '1200000').totalMinor).toBe(59900n)
})

test('zuplo, 10,000 free and then a cent: 12,345 calls are $23.45', () => {
  expect(plan('zuplo', 'pay_as_you_go').month(() => '12345').totalMinor).toBe(2345n)
})

test('S3.45 zuplo, from $29 to $99 at half time with 70 % used: 8.70 back, 90.30 to pay', () => {
  const starter = plan('zuplo', 'starter')
  const pro = plan('zuplo', 'pro')
  const [term] = termsOf(starter.definition, APRIL.startsAt, {
    startingPhaseKey: 'main',
    planKey: 'starter',
  })
  const paid: PaidFee = {
    rateCardKey: 'base_fee',
    name: 'Base fee',
    planKey: 'starter',
    planVersion: 1,
    phaseKey: 'main',
    paidMinor: 2900n,
    creditedMinor: 0n,
    period: APRIL,
  }
  const input = {
    subscription: {
      id: 'subscription_1',
      version: 1,
      currency: 'usd',
      collection: 'charge_automatically' as const,
      lifecycle: 'active' as const,
      term: term!,
      addOns: [],
      addOnTerms: [],
    },
    addOns: [],
    target: {
      planKey: 'pro',
      planVersion: 1,
      definition: pro.definition,
      startingPhaseKey: null,
      overrides: {},
    },
    timing: 'auto' as const,
    planOrder: readCatalog('zuplo').plans.map(({ key }) => key),
    at: at('2026-04-16'),
    paidFees: [paid],
    meters: pro.meters,
    coverage: [],
    coupons: [],
    credits: null,
    tax: null,
    startingBalanceMinor: 0n,
    isOverride: false,
  }
  const quote = quoteChange({ ...input, usage: readingOf(changeUsage(input), () => '7000') })
  expect(quote).toMatchObject({
    direction: 'upgrade',
    timing: 'immediate',
    payment: { kind: 'before_change', amountMinor: 9030n },
    quotas: [{ remainingAfter: '50000' }],
  })
})

test('S4 compute cloud: 730 CPU-hours, 12.5 GPU-hours, 40 GB-months and 1,234,567 calls are $116.35', () => {
  const used: Record<string, string> = {
    cpu_hours: '730',
    gpu_hours: '12.5',
    storage_gb: '40',
    api_calls: '1234567',
  }
  const invoice = plan('compute-cloud', 'compute').month(({ meterKey }) => used[meterKey])
  expect(amounts(invoice)).toEqual({
    cpu_hours: 7300,
    gpu_hours: 2500,
    storage_gb_month: 600,
    api_calls: 1235,
  })
  expect(invoice.totalMinor).toBe(11635n)
  expect(invoice.lines.flatMap(({ derivation }) => explainLine(derivation)).at(-1)).toBe(
    '1,234,567 calls are 1,235 packages of 1,000; 1,235 × $0.01 = $12.35.',
  )
})

test('S4.5 credits at $1.00 each, and S3.57 packs of requests, grant what was bought', () => {
  const grant = (catalogName: string, packKey: string, quantity: number) => {
    const pack = readCatalog(catalogName).packs.find(({ key }) => key === packKey)!
    const source = { kind: 'checkout_session', id: 'cs_1' } as const
    const { amount } = purchasedGrant(pack, quantity, source, APRIL.startsAt)
    return [toMajorString(pack.price), formatDecimal(amount)]
  }
  expect(grant('compute-cloud', 'credits', 25)).toEqual(['1.00', '25'])
  expect(grant('zuplo', 'requests_500k', 1)).toEqual(['299.00', '500000'])
})
