import { DAY_MS } from '../../src/kit/instant.ts'
import type { BackOffice } from '../support/back-office.ts'
import { sellsCredits } from '../support/credit-pack.ts'
import { fee, monthly, priced, putOnSale } from '../support/sold-plans.ts'
import { type Deed, openPaid, type Scene } from './deeds.ts'

/** Billed by us, its money collected through Stripe. */
export const BILLED_HERE = 'billed_here'
const ADD_ON = 'extra'
const SOLD = ['pro', 'scale', BILLED_HERE]

/** What is sold besides the example catalog. */
export async function stock(office: BackOffice): Promise<void> {
  await sellsCredits(office)
  const usage = priced('requests', { type: 'unit', amount: '0.02' })
  const here = { engine: 'stripe_invoice', checkoutMode: 'setup' } as const
  await putOnSale(office, BILLED_HERE, monthly('Billed here', [fee('19.99'), usage], here))
  const addOn = { planKeys: SOLD, maximumQuantity: 3 }
  const extra = monthly('Extra', [fee('7.77')], { addOn })
  await putOnSale(office, ADD_ON, extra)
}

/** More or less of it, or none. */
async function addOns(scene: Scene): Promise<string> {
  const open = await openPaid(scene)
  if (open === undefined) return 'nothing'
  const { office, chance } = scene
  const quantity = chance.below(4)
  const wish = {
    planKey: null,
    planVersion: null,
    timing: chance.pick(['auto', 'immediate'] as const),
    addOns: [{ key: ADD_ON, quantity }],
  }
  const { changes } = office.domain
  const preview = await changes.preview(office.caller, open.id, wish)
  const { state } = await changes.execute(office.caller, open.id, preview.change.id)
  return `${quantity}: ${state}`
}

/** A price of one's own, for a while or for good, or the plan's again. */
async function agree(scene: Scene): Promise<string> {
  const open = await openPaid(scene)
  if (open === undefined) return 'nothing'
  const { office, chance } = scene
  const { domain, caller } = office
  const { definition } = await domain.catalog.getVersion('test', open.planVersionId)
  const key = definition.phases[0]?.rateCards.find(({ prices }) => prices !== null)?.key ?? ''
  const now = domain.clocks.now('test')
  const percent = String(chance.below(10) * 10)
  const terms = {
    prices: { [key]: { type: 'percentage' as const, percent } },
    reason: 'negotiated',
    ...(chance.next() < 0.5 ? { until: now + (1 + chance.below(90)) * DAY_MS } : {}),
  }
  const overrides = percent === '0' ? {} : terms
  const timing = chance.pick(['immediate', 'at_period_end'] as const)
  const preview = await domain.changes.previewOverrides(caller, open.id, { overrides, timing })
  const { state } = await domain.changes.execute(caller, open.id, preview.change.id, 'overrides')
  return `${percent} % off ${key} ${timing}: ${state}`
}

async function pause(scene: Scene): Promise<string> {
  const open = await openPaid(scene)
  if (open === undefined) return 'nothing'
  const { domain, caller } = scene.office
  const days = scene.chance.pick([null, 5, 40])
  const resumesAt = days === null ? null : domain.clocks.now('test') + days * DAY_MS
  await domain.pauses.pause(caller, open.id, { resumesAt, isCustomers: false })
  return days === null ? 'until further notice' : `for ${days} days`
}

async function unpause(scene: Scene): Promise<string> {
  const open = await openPaid(scene)
  if (open === undefined || open.pausedAt === null) return 'nothing'
  await scene.office.domain.pauses.resume(scene.office.caller, open.id)
  return 'goes on'
}

export const TERMS: readonly Deed[] = [addOns, addOns, agree, agree, pause, unpause, unpause]
