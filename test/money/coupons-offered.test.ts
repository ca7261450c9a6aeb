import { afterAll, beforeAll, expect, test } from 'vitest'
import { farebox } from '../support/cli.ts'
import {
  buysWith,
  offersCoupon,
  previewsWith,
  redemptionsOf,
  refusalOf,
} from '../support/coupons.ts'
import { fee, monthly } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
  await world.sells('odd', monthly('Odd', [fee('33.33')]))
  await world.sells('plus', monthly('Plus', [fee('99.00')]))
  await world.sells('nothing', monthly('Nothing', [], { isPaymentMethodRequired: false }))
})
afterAll(() => world.close())

test('the last place is given away once, however many ask at the same time', async () => {
  await offersCoupon(world, 'rare', { maxRedemptions: 2 })
  const actors = await Promise.all(
    ['R1', 'R2', 'R3', 'R4', 'R5'].map((name) => world.customer(name)),
  )

  const answers = await Promise.all(
    actors.map((actor) => refusalOf(actor.choosesPlan('odd', 'rare'))),
  )

  expect(answers.map(String).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'accepted',
    'accepted',
    'promotion_code_invalid',
    'promotion_code_invalid',
    'promotion_code_invalid',
  ])
  expect(await redemptionsOf(world, 'rare')).toBe(2)
})

test('a purchase that comes to nothing gives its place back; choosing again keeps it', async () => {
  await offersCoupon(world, 'single', { maxRedemptions: 1 })
  const [ann, ben] = [await world.customer('Ann'), await world.customer('Ben')]

  const first = await ann.choosesPlan('odd', 'single')
  const again = await ann.choosesPlan('odd', 'SINGLE')
  expect(again.intentId).toBe(first.intentId)
  expect(await refusalOf(ben.choosesPlan('odd', 'single'))).toBe('promotion_code_invalid')
  await ann.choosesPlan('plus')

  expect(await redemptionsOf(world, 'single')).toBe(0)
  await buysWith(ben, 'odd', 'single')
  expect(await redemptionsOf(world, 'single')).toBe(1)
})

test('a page that expires unpaid gives its place back', async () => {
  await offersCoupon(world, 'expiring', { maxRedemptions: 1 })
  const cleo = await world.customer('Cleo')
  await cleo.choosesPlan('odd', 'expiring')

  await world.advance('P2D')

  expect(
    await until(
      () => redemptionsOf(world, 'expiring'),
      (count) => count === 0,
    ),
  ).toBe(0)
})

test('a coupon for a plan is refused for others, and what is free has nothing to take off', async () => {
  await offersCoupon(world, 'for_plus', { planKeys: ['plus'] })
  const dan = await world.customer('Dan')

  expect(await refusalOf(previewsWith(dan, 'odd', 'for_plus'))).toBe('coupon_not_applicable')
  expect(await refusalOf(dan.choosesPlan('odd', 'for_plus'))).toBe('coupon_not_applicable')
  expect(await refusalOf(dan.choosesPlan('nothing', 'for_plus'))).toBe('coupon_not_applicable')
  expect(await refusalOf(dan.choosesPlan('odd', 'no-such-code'))).toBe('promotion_code_invalid')
  const { invoice } = await previewsWith(dan, 'plus', 'for_plus')
  expect(invoice?.discount.amountMinor).toBe(1238)
})

test('from a free plan the code is part of the change that leads to the payment page', async () => {
  await offersCoupon(world, 'upgrade', { off: { type: 'amount', amounts: { usd: '9.00' } } })
  const gus = await world.customer('Gus')
  await gus.subscribes('nothing')

  const preview = await gus.portal.post('/api/v1/portal/subscription/change/preview', {
    body: { planKey: 'plus', promotionCode: 'upgrade' },
  })
  const result = await gus.portal.post('/api/v1/portal/subscription/change', {
    body: { quoteId: preview.quoteId, promotionCode: 'upgrade' },
  })

  expect(preview.invoice?.amountDue.amountMinor).toBe(9000)
  expect(result.kind).toBe('checkout')
  expect(await redemptionsOf(world, 'upgrade')).toBe(1)
})

test('coupons are kept on the command line, from the first code to the archive', async () => {
  const created = await farebox(
    world,
    'coupons create cli --name Terminal --amount 5.00usd 4.50eur --once --max-redemptions 3',
  )
  const coded = await farebox(world, 'coupons code cli term5 --max-redemptions 1')
  const shown = await farebox(world, 'coupons show cli', { isTTY: true })
  const taken = await farebox(world, 'coupons take-back term5')
  const archived = await farebox(world, 'coupons archive cli')
  const listed = await farebox(world, 'coupons list')

  expect([created.code, coded.code, taken.code, archived.code]).toEqual([0, 0, 0, 0])
  expect(coded.out).toBe('TERM5 redeems cli.\n')
  expect(shown.out).toContain('€4.50, $5.00')
  expect(listed.out).toContain('cli\tTerminal\t€4.50, $5.00\tone invoice\t0 of 3\tarchived')
  expect(await refusalOf((await world.customer('Hal')).choosesPlan('odd', 'term5'))).toBe(
    'promotion_code_invalid',
  )
})
