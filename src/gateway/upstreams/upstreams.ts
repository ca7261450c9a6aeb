import type { Upstream } from '../../domain/routing/route.ts'
import type { Instant } from '../../kit/instant.ts'
import { type HealthChecks, startHealthChecks } from './health-checks.ts'
import { Target } from './target.ts'

/** The upstreams of the current routing, with their connections. */
export interface Upstreams {
  find(key: string): UpstreamGroup | undefined
  /** What did not change keeps its connections; what is gone finishes what is under way. */
  replace(upstreams: readonly Upstream[]): void
  /** Ends connections that are too old. */
  sweep(now: Instant): void
  close(): Promise<void>
}

/** The targets of one upstream. */
export interface UpstreamGroup {
  readonly upstream: Upstream
  readonly targets: readonly Target[]
  readonly checks: HealthChecks | null
  /** By weight among those that are well; `tried` are left out. Null when there is none. */
  choose(at: Instant, tried: readonly Target[]): Target | null
}

export function createUpstreams(): Upstreams {
  let groups = new Map<string, { readonly text: string; readonly group: UpstreamGroup }>()

  return {
    find: (key) => groups.get(key)?.group,
    replace(upstreams) {
      const before = groups
      groups = new Map(
        upstreams.map((upstream) => {
          const text = JSON.stringify(upstream)
          const known = before.get(upstream.key)
          return [
            upstream.key,
            known?.text === text ? known : { text, group: createGroup(upstream) },
          ]
        }),
      )
      for (const [key, { group }] of before) {
        if (groups.get(key)?.group === group) continue
        group.checks?.stop()
        for (const target of group.targets) void target.close()
      }
    },
    sweep(now) {
      for (const { group } of groups.values()) for (const target of group.targets) target.sweep(now)
    },
    async close() {
      for (const { group } of groups.values()) group.checks?.stop()
      const targets = [...groups.values()].flatMap(({ group }) => group.targets)
      await Promise.all(targets.map((target) => target.destroy()))
    },
  }
}

function createGroup(upstream: Upstream): UpstreamGroup {
  const targets = upstream.targets.map((target) => new Target(target, upstream.policy))
  const [only] = targets
  return {
    upstream,
    targets,
    // With one target there is no choice, and nothing to ask for.
    checks: targets.length > 1 ? startHealthChecks(targets) : null,
    choose(at, tried) {
      if (targets.length === 1 && only !== undefined) {
        // Health checks are for choosing; with one target there is no choice.
        return only.mayTry(at) && !tried.includes(only) ? only : null
      }
      // When none is well they are all tried: a check may be wrong, a refusal always is.
      return (
        chooseByWeight(targets, at, tried, (target) => target.isHealthy) ??
        chooseByWeight(targets, at, tried, () => true)
      )
    },
  }
}

/** Smooth weighted round robin: in proportion to the weights, and evenly mixed. */
function chooseByWeight(
  targets: readonly Target[],
  at: Instant,
  tried: readonly Target[],
  isFit: (target: Target) => boolean,
): Target | null {
  let best: Target | null = null
  let total = 0
  for (const target of targets) {
    if (!isFit(target) || tried.includes(target) || !target.mayTry(at)) continue
    target.balance += target.weight
    total += target.weight
    if (best === null || target.balance > best.balance) best = target
  }
  if (best !== null) best.balance -= total
  return best
}
