import { formatInstant } from '../../kit/instant.ts'
import type { Feature, Meter } from '../../domain/catalog/meter.ts'
import { describeEffect } from '../../domain/catalog/describe-effect.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { DONE, iso, planVersionToApi } from '../to-api.ts'

/** Meters, features and plans. */
export function catalogRoutes({ catalog, publishing }: Services): Implementation[] {
  return [
    implement(contract.listMeters, async (_, { caller }) => ({
      data: (await catalog.meters(caller.mode)).map(meterToApi),
    })),
    implement(contract.createMeter, async ({ body }, { caller }) =>
      meterToApi(await catalog.createMeter(caller, body)),
    ),
    implement(contract.listFeatures, async (_, { caller }) => ({
      data: [...(await catalog.features(caller.mode)).values()].map(featureToApi),
    })),
    implement(contract.createFeature, async ({ body }, { caller }) =>
      featureToApi(await catalog.createFeature(caller, body)),
    ),
    implement(contract.listPlans, async (_, { caller }) => ({
      data: (await catalog.plans(caller.mode)).map(({ active, draft, ...plan }) => ({
        ...plan,
        active: active && planVersionToApi(active),
        draft: draft && planVersionToApi(draft),
      })),
    })),
    implement(contract.createPlan, async ({ body }, { caller }) =>
      planVersionToApi(await catalog.createPlan(caller, body)),
    ),
    implement(contract.listPlanVersions, async ({ params }, { caller }) => ({
      data: (await catalog.versions(caller.mode, params.planKey)).map(planVersionToApi),
    })),
    implement(contract.draftNextVersion, async ({ params }, { caller }) =>
      planVersionToApi(await catalog.draftNext(caller, params.planKey)),
    ),
    implement(contract.updateDraft, async ({ params, body }, { caller }) =>
      planVersionToApi(
        await catalog.updateDraft(caller, params.planKey, body.revision, body.definition),
      ),
    ),
    implement(contract.previewPublish, async ({ params }, { caller }) => {
      const preview = await publishing.preview(caller.mode, params.planKey)
      return {
        version: planVersionToApi(preview.version),
        problems: [...preview.problems],
        warnings: [...preview.warnings],
        effects: preview.effects.map(describeEffect),
        subscribersStaying: preview.subscribersStaying,
      }
    }),
    implement(contract.publishPlan, async ({ params }, { caller }) =>
      planVersionToApi(await publishing.publish(caller, params.planKey)),
    ),
    implement(contract.archivePlan, async ({ params }, { caller }) => {
      await publishing.archive(caller, params.planKey)
      return DONE
    }),
    implement(contract.makeDefaultPlan, async ({ params }, { caller }) => {
      await catalog.setDefault(caller, params.planKey)
      return DONE
    }),
    implement(contract.setPlanOrder, async ({ body }, { caller }) => {
      await catalog.setOrder(caller, body.keys)
      return DONE
    }),
  ]
}

function meterToApi(meter: Meter) {
  const filters = Object.entries(meter.filters).map(([property, values]) => [property, [...values]])
  return {
    ...meter,
    groupBy: { ...meter.groupBy },
    filters: Object.fromEntries(filters) as Record<string, string[]>,
    createdAt: formatInstant(meter.createdAt),
    archivedAt: iso(meter.archivedAt),
  }
}

function featureToApi(feature: Feature) {
  return {
    ...feature,
    metadata: { ...feature.metadata },
    createdAt: formatInstant(feature.createdAt),
    archivedAt: iso(feature.archivedAt),
  }
}
