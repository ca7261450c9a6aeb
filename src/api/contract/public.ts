import { z } from 'zod'
import { planDefinition } from './plan-definition.ts'
import { route } from './route.ts'
import { list, mode } from './values.ts'

export const offeredPlan = z.object({
  key: z.string(),
  version: z.int(),
  definition: planDefinition,
  /** Feature keys to the names people read. */
  featureNames: z.record(z.string(), z.string()),
  /** Meter units by feature: `request`. */
  featureUnits: z.record(z.string(), z.string()),
})

export const publicRoutes = {
  getStatus: route({
    method: 'get',
    path: '/api/v1/public/status',
    access: { kind: 'public' },
    summary: 'What the portal needs to know before anyone signs in',
    tag: 'Public',
    response: z.object({
      productName: z.string(),
      accent: z.string().nullable(),
      /** The mode that was asked for, otherwise the one the portal is in by itself. */
      mode,
      isSimulated: z.boolean(),
      gatewayUrl: z.string(),
      /** A path of the API behind the gateway that a first call can try. */
      examplePath: z.string(),
      /** Where mail ends up while no mail server is configured. */
      mailboxUrl: z.string().nullable(),
      version: z.string(),
    }),
  }),
  listOfferedPlans: route({
    method: 'get',
    path: '/api/v1/public/plans',
    access: { kind: 'public' },
    summary: 'The plans on sale, in plan order',
    tag: 'Public',
    response: list(offeredPlan),
  }),
}
