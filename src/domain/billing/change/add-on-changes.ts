import type { HeldAddOn } from '../../catalog/add-ons.ts'
import type { ChangeDirection } from '../../catalog/plan-order.ts'

/** What becomes of an add-on; 0 is not there. */
export interface AddOnChange {
  readonly key: string
  readonly name: string
  readonly quantityBefore: number
  readonly quantityAfter: number
}

interface Change {
  readonly subscription: { readonly addOns: readonly HeldAddOn[] }
  readonly addOns: readonly HeldAddOn[]
}

/** Every add-on that is there more or less often afterwards. */
export function addOnChanges({ subscription, addOns: after }: Change): AddOnChange[] {
  const before = subscription.addOns
  const versions = [...before, ...after].map(({ version }) => version)
  const keys = new Map(versions.map(({ planKey, definition }) => [planKey, definition.name]))
  return [...keys]
    .map(([key, name]) => {
      const quantityBefore = quantityOf(before, key)
      return { key, name, quantityBefore, quantityAfter: quantityOf(after, key) }
    })
    .filter(({ quantityBefore, quantityAfter }) => quantityBefore !== quantityAfter)
}

/** Add-ons the subscription loses. */
export function endedAddOns(change: Change): string[] {
  return addOnChanges(change)
    .filter(({ quantityAfter }) => quantityAfter === 0)
    .map(({ name }) => name)
}

/** More of anything is an upgrade, and takes effect at once together with what is given up. */
export function directionOfAddOns(
  before: readonly HeldAddOn[],
  after: readonly HeldAddOn[],
): ChangeDirection {
  const changes = addOnChanges({ subscription: { addOns: before }, addOns: after })
  const isMore = changes.some(({ quantityBefore, quantityAfter }) => quantityAfter > quantityBefore)
  return isMore ? 'upgrade' : 'downgrade'
}

function quantityOf(addOns: readonly HeldAddOn[], key: string): number {
  return addOns.find(({ version }) => version.planKey === key)?.quantity ?? 0
}
