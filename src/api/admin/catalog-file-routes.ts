import { invalidRequest } from '../../errors.ts'
import type { CatalogDiff } from '../../domain/catalog/catalog-file.service.ts'
import type { PlanDrift } from '../../domain/catalog/drift.ts'
import { describeEffect } from '../../domain/catalog/describe-effect.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { type ReadCatalog, readCatalog, writeCatalog } from './catalog-document.ts'

/** The catalog as one document. */
export function catalogFileRoutes({ catalogFiles, driftCheck }: Services): Implementation[] {
  return [
    implement(contract.getCatalog, async (_, { caller }) => ({
      coupons: [],
      ...writeCatalog(await catalogFiles.read(caller.mode)),
    })),
    implement(contract.diffCatalog, async ({ body }, { caller }) => {
      const read = readCatalog(body.catalog)
      return diffToApi(await catalogFiles.diff(caller.mode, read.file), read)
    }),
    implement(contract.pushCatalog, async ({ body }, { caller }) => {
      const read = readCatalog(body.catalog)
      if (read.problems.length > 0) {
        const { problems } = diffToApi(await catalogFiles.diff(caller.mode, read.file), read)
        throw invalidRequest(problems)
      }
      return diffToApi(await catalogFiles.push(caller, read.file, body.revision), read)
    }),
    implement(contract.getCatalogDrift, async (_, { caller }) => ({
      data: (await driftCheck.check(caller.mode)).map(driftToApi),
    })),
    implement(contract.repairCatalogDrift, async (_, { caller }) => {
      const { repaired, left } = await driftCheck.repair(caller)
      return { repaired: repaired.map(driftToApi), left: left.map(driftToApi) }
    }),
  ]
}

function driftToApi({ planKey, kind, stripeId, drift, effect }: PlanDrift) {
  const isRepairable = effect !== undefined
  const remedy = isRepairable
    ? 'Put it back with "farebox plans drift --repair", or by publishing the plan.'
    : 'It was made in Stripe: put it right there, or publish a version with another price.'
  const summary = `The ${kind} ${stripeId}: ${drift}`
  return { planKey, kind, stripeId, summary, isRepairable, remedy }
}

const REFERENCE = /\.(?:featureKey|meterKey|unit|appliesTo\[\d+\])$/

function diffToApi(diff: CatalogDiff, { problems, locate }: ReadCatalog) {
  const isReadable = problems.length === 0
  // What refers to something unreadable may be right.
  const certain = diff.problems.filter(({ path }) => isReadable || !REFERENCE.test(path))
  const located = certain.map(({ path, message }) => ({ path: locate(path), message }))
  return {
    revision: diff.revision,
    problems: [...problems, ...located],
    warnings: diff.warnings.map(({ path, message }) => ({ path: locate(path), message })),
    changes: isReadable
      ? diff.changes.map(({ effects, ...change }) => ({
          ...change,
          effects: effects.map(describeEffect),
        }))
      : [],
  }
}
