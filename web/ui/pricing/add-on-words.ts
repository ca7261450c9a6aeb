import { formatQuantity, listOf } from '../format.ts'

/** What becomes of an add-on; 0 is not there. */
export interface AddOnStep {
  readonly key: string
  readonly name: string
  readonly quantityBefore: number
  readonly quantityAfter: number
}

interface Held {
  readonly key: string
  readonly name: string
  readonly quantity: number
}

/** Every add-on that is there more or less often afterwards. */
export function addOnSteps(before: readonly Held[], after: readonly Held[]): AddOnStep[] {
  const names = new Map([...before, ...after].map(({ key, name }) => [key, name]))
  return [...names]
    .map(([key, name]) => {
      const [quantityBefore, quantityAfter] = [quantityOf(before, key), quantityOf(after, key)]
      return { key, name, quantityBefore, quantityAfter }
    })
    .filter(({ quantityBefore, quantityAfter }) => quantityBefore !== quantityAfter)
}

/** `Extra calls`, `3 × Extra calls`. */
function addOnCount(name: string, quantity: number): string {
  return quantity === 1 ? name : `${formatQuantity(String(quantity))} × ${name}`
}

/** What there is of them afterwards: `3 × Extra calls and Support`; of what ends only its name. */
export function addOnNames(steps: readonly AddOnStep[]): string {
  return listOf(
    steps.map(({ name, quantityBefore, quantityAfter }) =>
      quantityAfter === 0 || Math.max(quantityBefore, quantityAfter) === 1
        ? name
        : `${formatQuantity(String(quantityAfter))} × ${name}`,
    ),
  )
}

/** `Extra calls: 3 → 1`, `Support ends`. */
export function addOnStepWords({ name, quantityBefore, quantityAfter }: AddOnStep): string {
  if (quantityAfter === 0) return `${name} ends`
  if (quantityBefore === 0) return `${addOnCount(name, quantityAfter)} is added`
  const [before, after] = [quantityBefore, quantityAfter].map((each) =>
    formatQuantity(String(each)),
  )
  return `${name}: ${before} → ${after}`
}

function quantityOf(held: readonly Held[], key: string): number {
  return held.find((each) => each.key === key)?.quantity ?? 0
}
