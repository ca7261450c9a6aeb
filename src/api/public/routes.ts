import type { Mode } from '../../kit/mode.ts'
import { isAddOn, type PlanVersion } from '../../domain/catalog/plan.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'

export function publicRoutes(services: Services): Implementation[] {
  const { settings, connections, surroundings } = services
  return [
    implement(contract.getStatus, async (_, { caller: { mode } }) => {
      return {
        productName: (await settings.get(mode, 'portal.name')) ?? 'Farebox',
        accent: await settings.get(mode, 'portal.accent'),
        mode,
        isSimulated: (await connections.view(mode)).isSimulated,
        gatewayUrl: surroundings.gatewayUrl,
        examplePath: (await settings.get(mode, 'portal.example_path')) ?? surroundings.examplePath,
        mailboxUrl: surroundings.mailbox === undefined ? null : '/admin/mailbox',
        version: surroundings.version,
      }
    }),

    implement(contract.listOfferedPlans, async (_, { caller }) => ({
      data: await offeredPlans(services, caller.mode),
    })),
  ]
}

/** The plans that are on sale to everybody, and to those who were invited, in plan order. */
export async function offeredPlans(
  services: Services,
  mode: Mode,
  invited: ReadonlySet<string> = new Set(),
) {
  const [plans, inWords] = await Promise.all([
    services.catalog.plans(mode),
    planWords(services, mode),
  ])
  return plans
    .flatMap(({ active }) => active ?? [])
    .filter((version) => !isAddOn(version))
    .filter(({ planKey, definition }) => definition.visibility === 'public' || invited.has(planKey))
    .map(inWords)
}

/** Plans with the names and units people need to read them. */
export async function planWords({ catalog }: Pick<Services, 'catalog'>, mode: Mode) {
  const [features, meters] = await Promise.all([catalog.features(mode), catalog.meters(mode)])
  const units = new Map(meters.map(({ key, unit }) => [key, unit]))
  const named = [...features.values()]
  return ({ planKey, version, definition }: PlanVersion) => ({
    key: planKey,
    version,
    definition: definition as never,
    featureNames: Object.fromEntries(named.map(({ key, name }) => [key, name])),
    featureUnits: Object.fromEntries(
      named.map(({ key, meterKey }) => [key, units.get(meterKey ?? '') ?? 'unit']),
    ),
  })
}
