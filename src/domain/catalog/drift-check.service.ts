import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Caller } from '../audit/caller.ts'
import type { Connections } from '../connections/service.ts'
import type { Findings } from '../findings/service.ts'
import { driftFinding, driftKey, driftOf, type PlanDrift } from './drift.ts'
import type { Publishing } from './publish.service.ts'
import type { Catalog } from './service.ts'

const MAX_FINDINGS = 100

interface DriftCheckDeps {
  readonly database: Database
  readonly catalog: Catalog
  readonly connections: Connections
  readonly findings: Findings
  readonly publishing: Publishing
}

export type DriftCheck = ReturnType<typeof createDriftCheck>

/** Whether Stripe still has what we published there, asked plan by plan: on demand, and daily. */
export function createDriftCheck(deps: DriftCheckDeps) {
  const { database, catalog, connections, findings, publishing } = deps

  async function check(mode: Mode): Promise<PlanDrift[]> {
    if (!(await connections.isConnected(mode))) return []
    const found = new Map<string, PlanDrift>()
    for (const planKey of await catalog.planOrder(mode)) {
      // Two plans can be charged by one meter.
      for (const drift of await checkPlan(mode, planKey)) found.set(driftKey(drift), drift)
    }
    return [...found.values()]
  }

  async function checkPlan(mode: Mode, planKey: string): Promise<PlanDrift[]> {
    const examined = await publishing.shortfall(mode, planKey)
    return examined === undefined ? [] : driftOf(examined)
  }

  /** Tells what differs, and settles what no longer does. */
  async function report(mode: Mode): Promise<PlanDrift[]> {
    const found = await check(mode)
    const open = new Set(found.map(driftKey))
    await database.transaction(async (tx) => {
      for (const drift of found) await findings.report(tx, driftFinding(mode, drift))
      const told = await findings.list(
        mode,
        { state: 'open', category: 'drift' },
        { limit: MAX_FINDINGS },
        tx,
      )
      for (const { dedupeKey } of told.data) {
        if (!dedupeKey.startsWith('drift:') || open.has(dedupeKey)) continue
        await findings.repaired(tx, mode, dedupeKey, 'Both sides agree again.')
      }
    })
    return found
  }

  return {
    check,
    report,

    /** Puts back in Stripe what is ours there; answers what only somebody at Stripe can. */
    async repair(caller: Caller): Promise<{ repaired: PlanDrift[]; left: PlanDrift[] }> {
      const { mode } = caller
      const found = await check(mode)
      for (const planKey of new Set(found.map((drift) => drift.planKey))) {
        // Looked at anew: the plan before may have brought back what this one needs.
        const drifts = await checkPlan(mode, planKey)
        const effects = drifts.flatMap(({ effect }) => effect ?? [])
        if (effects.length > 0) await publishing.restore(caller, planKey, effects)
      }
      const left = await report(mode)
      const open = new Set(left.map(driftKey))
      return { repaired: found.filter((drift) => !open.has(driftKey(drift))), left }
    },
  }
}
