import type { Route, Router } from './router.ts'

interface Permission {
  readonly resource: string
  readonly level: 'read' | 'write'
}

/** What a restricted key needs for a route: the resource is named as in Stripe's own permissions, `payment_intent`. */
export function requiredPermission(route: Route): Permission {
  const nouns = route.segments
    .slice(1)
    .filter((segment) => !segment.startsWith('{'))
    .slice(0, NAMESPACES.has(route.segments[1] ?? '') ? 2 : 1)
  return {
    resource: nouns.map(singular).join('_'),
    level: route.method === 'GET' ? 'read' : 'write',
  }
}

/** Everything a restricted key may be allowed to read or write, by name. */
export function permissionResources({ routes }: Router): readonly string[] {
  const resources = new Set(routes.map((route) => requiredPermission(route).resource))
  return [...resources].toSorted((a, b) => a.localeCompare(b))
}

const NAMESPACES = new Set([
  'billing',
  'billing_portal',
  'checkout',
  'core',
  'entitlements',
  'radar',
  'test_helpers',
])

function singular(noun: string): string {
  if (noun.endsWith('ies')) return `${noun.slice(0, -3)}y`
  return noun.endsWith('s') ? noun.slice(0, -1) : noun
}
