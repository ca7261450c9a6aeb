import type { StripeProduct } from '../../stripe/catalog.ts'
import type { Mode } from '../../kit/mode.ts'
import type { FindingInput } from '../findings/finding.ts'
import { productDifferences } from './observed.ts'
import type { PlanVersion } from './plan.ts'
import { productOf, type PublishEffect } from './publish.ts'
import type { Examined } from './publish.service.ts'

/** Something of ours in Stripe that somebody edited, archived or deleted there. */
export interface Drift {
  readonly kind: 'product' | 'price' | 'meter'
  readonly stripeId: string
  /** What it says there, as the end of a sentence. */
  readonly drift: string
}

/** A drift with what can be done about it. */
export interface PlanDrift extends Drift {
  readonly planKey: string
  /** What is put back; undefined where only somebody at Stripe can. */
  readonly effect: PublishEffect | undefined
}

export const ARCHIVED = 'it is archived there, and cannot be bought any more.'
export const ON_SALE = 'it is on sale there again, and not here.'
export const DELETED = 'it was deleted there.'

/** What a product in Stripe says differently from every version that may be on sale. */
export function productDrift(
  known: StripeProduct,
  current: readonly PlanVersion[],
  isSold: boolean,
): string | undefined {
  if (known.isActive !== isSold) return isSold ? ARCHIVED : ON_SALE
  const [first, ...others] = current.map((version) => productDifferences(known, productOf(version)))
  if (!isSold || first === undefined) return undefined
  const isOne = [first, ...others].some((differences) => differences.length === 0)
  return isOne ? undefined : `it has ${first.join(', ')} there.`
}

/** What was done in Stripe to a plan, told from what it takes to sell it again. */
export function driftOf({ version, problems, effects }: Examined): PlanDrift[] {
  const { planKey } = version
  const found = effects.flatMap((effect): PlanDrift[] => {
    const told = driftBehind(effect)
    return told === undefined ? [] : [{ planKey, effect, ...told }]
  })
  // A price that was made in Stripe is not ours to put back.
  const linked = problems.flatMap(({ path, message }): PlanDrift[] => {
    const id = linkedIdAt(version, path)
    return id === undefined
      ? []
      : [{ planKey, effect: undefined, kind: 'price', stripeId: id, drift: message }]
  })
  return [...found, ...linked]
}

function driftBehind(effect: PublishEffect): Drift | undefined {
  switch (effect.kind) {
    case 'update_product':
      return effect.overwrites.length === 0
        ? undefined
        : {
            kind: 'product',
            stripeId: effect.stripeProductId,
            drift: `it has ${effect.overwrites.join(', ')} there.`,
          }
    case 'archive_product':
      return { kind: 'product', stripeId: effect.stripeProductId, drift: ON_SALE }
    case 'create_product':
      return { kind: 'product', stripeId: effect.replaces ?? effect.planKey, drift: DELETED }
    case 'restore_price':
    case 'wake_price':
      return { kind: 'price', stripeId: effect.stripePriceId, drift: ARCHIVED }
    case 'archive_price':
      return { kind: 'price', stripeId: effect.stripePriceId, drift: ON_SALE }
    case 'create_price':
      return { kind: 'price', stripeId: effect.replaces ?? effect.entityId, drift: DELETED }
    case 'update_meter':
      return {
        kind: 'meter',
        stripeId: effect.stripeMeterId,
        drift: effect.isInactive
          ? 'it is switched off there, and usage is not counted.'
          : `it is not called "${effect.name}" there.`,
      }
    case 'create_meter':
      return { kind: 'meter', stripeId: effect.eventName, drift: DELETED }
    case 'link_meter':
    case 'link_price':
    case 'keep_price':
    case 'rate_here':
      return undefined
  }
}

function linkedIdAt({ definition }: PlanVersion, path: string): string | undefined {
  const place = /^phases\[(\d+)\]\.rateCards\[(\d+)\]\.providerPrice\.stripePriceIds\.(\w+)$/
  const [, phase, card, currency = ''] = place.exec(path) ?? []
  const found = definition.phases[Number(phase)]?.rateCards[Number(card)]?.providerPrice
  return found?.kind === 'linked' ? found.stripePriceIds[currency] : undefined
}

/** Told by an event and by comparing, it is one finding. */
export function driftKey({ kind, stripeId }: Pick<Drift, 'kind' | 'stripeId'>): string {
  return `drift:${kind}:${stripeId}`
}

export function driftFinding(mode: Mode, { kind, stripeId, drift }: Drift): FindingInput {
  return {
    mode,
    category: 'drift',
    subjectKind: kind,
    subjectId: stripeId,
    customerId: null,
    summary: `The ${kind} ${stripeId} was changed in Stripe: ${drift}`,
    ours: null,
    theirs: { drift },
    dedupeKey: driftKey({ kind, stripeId }),
  }
}
