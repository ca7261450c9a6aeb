import type { CreditUnit } from './grant.ts'

/** A unit as it is stored and spoken of: `money:usd`, `feature:requests`, `custom:credits`. */
export function unitText(unit: CreditUnit): string {
  switch (unit.kind) {
    case 'money':
      return `money:${unit.currency}`
    case 'feature':
      return `feature:${unit.featureKey}`
    case 'custom':
      return `custom:${unit.creditKey}`
  }
}

/** Undefined when it is no unit. */
export function parseUnit(text: string): CreditUnit | undefined {
  const [, kind, name = ''] = /^(money|feature|custom):([a-z0-9_]{1,64})$/.exec(text) ?? []
  switch (kind) {
    case 'money':
      return { kind, currency: name }
    case 'feature':
      return { kind, featureKey: name }
    case 'custom':
      return { kind, creditKey: name }
    default:
      return undefined
  }
}
