import { AppError } from '../../../errors.ts'
import { type HeldAddOn, whyUnfit } from '../../catalog/add-ons.ts'
import { isAddOn, type PlanVersion } from '../../catalog/plan.ts'

/** What somebody wants to have on top of a plan, by its key. */
export interface WantedAddOn {
  readonly key: string
  /** 0 gives it up. */
  readonly quantity: number
}

interface Choice {
  readonly held: readonly HeldAddOn[]
  /** The add-ons that are wanted, as they are on sale. */
  readonly onSale: ReadonlyMap<string, PlanVersion>
  readonly plan: PlanVersion
}

/** The versions that are meant. What a subscription has it keeps the version of, whatever is on sale by now. */
export function chooseAddOns(
  wanted: readonly WantedAddOn[],
  { held, onSale, plan }: Choice,
): HeldAddOn[] {
  return wanted
    .filter(({ quantity }) => quantity > 0)
    .map(({ key, quantity }) => {
      const had = held.find(({ version }) => version.planKey === key)
      const sold = onSale.get(key)
      const version = had?.version ?? sold
      const refuse = (reason: string) =>
        new AppError('add_on_not_available', { addOn: key, reason })
      if (version === undefined || !isAddOn(version)) throw refuse('It is not on sale.')
      if (sold === undefined && quantity > (had?.quantity ?? 0)) {
        throw refuse('It is not sold any more; what you have can only become less.')
      }
      const unfit = whyUnfit(version, plan)
      if (unfit !== null) throw refuse(unfit)
      const maximum = version.definition.addOn?.maximumQuantity ?? null
      if (maximum !== null && quantity > maximum) {
        throw refuse(`A subscription can have it ${maximum} times at most.`)
      }
      return { version, quantity }
    })
}
