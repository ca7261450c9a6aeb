import type { Refusal } from '../../domain/entitlements/access.ts'
import type { KeyAccess } from '../access/key-access.ts'
import { createTerms, scopeRefusal, type Terms } from '../access/terms.ts'
import { type Exchange, PASSED, refuse, REFUSED, type Stage, type Verdict } from '../exchange.ts'
import type { LimitBook } from '../limits/limit-book.ts'
import type { QuotaBook } from '../limits/quota-book.ts'
import type { RouteEntry } from '../routing-table.ts'

interface AdmitDeps {
  readonly limits: LimitBook
  readonly quotas: QuotaBook
}

/**
 * 3. May this key call this route at all: key, address, scope, customer, subscription, payment, entitlement, in this order.
 * Before limits, because who may not call must not use up what others share. Reads memory only.
 */
export function createAdmitStage(deps: AdmitDeps): Stage {
  const publicTerms = new WeakMap<RouteEntry, Terms>()

  function termsOf(access: KeyAccess, route: RouteEntry): Terms {
    if (route.index < 0) return createTerms(access, route, deps)
    if (access.termsTable !== route.table) {
      access.terms.length = 0
      access.termsTable = route.table
    }
    return (access.terms[route.index] ??= createTerms(access, route, deps))
  }

  return (exchange: Exchange): Verdict => {
    const { access, route } = exchange
    if (route === null) throw new Error('A request is admitted after it is routed')
    if (access === null) {
      let terms = publicTerms.get(route)
      if (terms === undefined) publicTerms.set(route, (terms = createTerms(null, route, deps)))
      exchange.terms = terms
      return PASSED
    }

    const now = access.now(exchange.at)
    exchange.now = now
    const decision = access.decisionAt(now)
    const isKeyRefused = decision.kind === 'refused' && decision.code.startsWith('key_')
    if (!isKeyRefused && !access.isAllowedAddress(exchange.address)) {
      return refuse(exchange, 'ip_not_allowed', {}, { actions: ['contact_support'] })
    }
    if (decision.kind === 'refused') {
      const ofKey = isKeyRefused ? null : scopeRefusal(access, route)
      if (ofKey === null) return refuseAccess(exchange, decision)
      exchange.refusal = ofKey
      return REFUSED
    }
    exchange.notice = decision.notice

    const terms = termsOf(access, route)
    exchange.terms = terms
    if (terms.refusal === null) return PASSED
    exchange.refusal = terms.refusal
    return REFUSED
  }
}

function refuseAccess(exchange: Exchange, { code, params, actions }: Refusal): Verdict {
  exchange.refusal = { code, params, actions }
  return REFUSED
}
