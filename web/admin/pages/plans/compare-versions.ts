import { cardWords, rateLimitWords } from '../../../ui/pricing/plan-words.ts'
import type { PlanPhase, RateCard } from '../../../ui/pricing/price-words.ts'
import { type PlanVersion, termsOf } from './present-plan.ts'

/** What is said of one thing in the version on sale and in the next one; nothing is said where it is not there. */
export interface Difference {
  readonly what: string
  readonly before: readonly string[]
  readonly after: readonly string[]
}

type UnitOf = (featureKey: string | null) => string
type Said = ReadonlyMap<string, Omit<Difference, 'before' | 'after'> & { lines: readonly string[] }>

/** What a subscriber of the one would notice in the other, in the words of the pricing page. */
export function compareVersions(
  before: Pick<PlanVersion, 'definition'>,
  after: Pick<PlanVersion, 'definition'>,
  unitOf: UnitOf,
): Difference[] {
  const old = saidOf(before, unitOf)
  const next = saidOf(after, unitOf)
  return [...new Set([...next.keys(), ...old.keys()])].flatMap((key) => {
    const [was, is] = [old.get(key), next.get(key)]
    const difference = {
      what: (is ?? was)?.what ?? key,
      before: was?.lines ?? [],
      after: is?.lines ?? [],
    }
    return difference.before.join('\n') === difference.after.join('\n') ? [] : [difference]
  })
}

function saidOf(version: Pick<PlanVersion, 'definition'>, unitOf: UnitOf): Said {
  const { name, description, phases, rateLimits, currencies } = version.definition
  const said = new Map<string, { what: string; lines: readonly string[] }>()
  const say = (key: string, what: string, lines: readonly string[]) =>
    said.set(key, { what, lines })
  say('name', 'Name', [name])
  say('description', 'Description', description === null ? [] : [description])
  for (const phase of phases) {
    for (const card of phase.rateCards) {
      say(
        `${phase.key}/${card.key}`,
        cardName(card, phase, phases),
        linesOf(card, currencies, unitOf),
      )
    }
  }
  for (const { label, value } of termsOf(version as PlanVersion)) say(label, label, [value])
  say('rateLimits', 'Rate limits', rateLimits.map(rateLimitWords))
  return said
}

function cardName(card: RateCard, phase: PlanPhase, phases: readonly PlanPhase[]): string {
  return phases.length === 1 ? card.name : `${card.name}, ${phase.name}`
}

/** A currency is named only where there are several. */
function linesOf(card: RateCard, currencies: readonly string[], unitOf: UnitOf): string[] {
  const unit = unitOf(card.featureKey)
  const words = currencies.map((currency) => cardWords(card, currency, unit))
  const lines = words.flatMap(({ included, price, beyond, terms }) => [
    ...(included === null ? [] : [included]),
    ...price,
    ...(beyond === null ? [] : [beyond]),
    ...terms,
  ])
  return [...new Set(lines)]
}
