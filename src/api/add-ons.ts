import type { Mode } from '../kit/mode.ts'
import { whyUnfit } from '../domain/catalog/add-ons.ts'
import { isAddOn, type PlanVersion } from '../domain/catalog/plan.ts'
import type { AddOnChoice, Subscription } from '../domain/subscriptions/subscription.ts'
import { planWords } from './public/routes.ts'
import type { Services } from './services.ts'

/** What a subscription has on top of its plan. */
export async function addOnsToApi(
  { catalog }: Services,
  mode: Mode,
  choices: readonly AddOnChoice[],
) {
  return (await catalog.held(mode, choices)).map(({ version, quantity }) => ({
    key: version.planKey,
    name: version.definition.name,
    version: version.version,
    quantity,
  }))
}

/** What a subscription may have on top of its plan, with what it has; that is there even if it is sold no more. */
export async function addOnsOffered(
  services: Services,
  subscription: Subscription,
  isOffered: (addOn: PlanVersion) => boolean,
) {
  const { catalog } = services
  const { mode } = subscription
  const [plan, held, plans] = [
    await catalog.getVersion(mode, subscription.planVersionId),
    await catalog.held(mode, subscription.addOns),
    await catalog.plans(mode),
  ]
  const had = new Set(held.map(({ version }) => version.planKey))
  const others = plans
    .flatMap(({ active }) => active ?? [])
    .filter((version) => isAddOn(version) && !had.has(version.planKey))
    .filter((version) => whyUnfit(version, plan) === null && isOffered(version))
    .map((version) => ({ version, quantity: 0 }))
  const inWords = await planWords(services, mode)
  const onSale = new Set(plans.flatMap(({ key, active }) => (active === null ? [] : key)))
  return [...held, ...others].map(({ version, quantity }) => ({
    ...inWords(version),
    quantity,
    isOnSale: onSale.has(version.planKey),
  }))
}
