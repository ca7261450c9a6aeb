import { notFound } from '../../errors.ts'
import { type Route, routeFrom, type Upstream, upstreamFrom } from '../../domain/routing/route.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { DONE } from '../to-api.ts'

/** Routes and upstreams, which belong to both modes. */
export function routingRoutes({ routing }: Services): Implementation[] {
  return [
    implement(contract.listRoutes, async () => ({
      data: (await routing.current()).routes.map(routeToApi),
    })),

    implement(contract.getRoute, async ({ params }) => {
      const { routes } = await routing.current()
      const route = routes.find(({ key }) => key === params.routeKey)
      if (route === undefined) throw notFound('route')
      return routeToApi(route)
    }),

    implement(contract.putRoute, async ({ params, body }, { caller }) => {
      const route = routeFrom({ key: params.routeKey, ...given(body) })
      return routeToApi(await routing.saveRoute(caller, route))
    }),

    implement(contract.deleteRoute, async ({ params }, { caller }) => {
      await routing.removeRoute(caller, params.routeKey)
      return DONE
    }),

    implement(contract.listUpstreams, async () => ({
      data: (await routing.current()).upstreams.map(upstreamToApi),
    })),

    implement(contract.getUpstream, async ({ params }) => {
      const { upstreams } = await routing.current()
      const upstream = upstreams.find(({ key }) => key === params.upstreamKey)
      if (upstream === undefined) throw notFound('upstream')
      return upstreamToApi(upstream)
    }),

    implement(contract.putUpstream, async ({ params, body }, { caller }) => {
      const upstream = upstreamFrom({ key: params.upstreamKey, ...given(body) })
      return upstreamToApi(await routing.saveUpstream(caller, upstream))
    }),

    implement(contract.deleteUpstream, async ({ params }, { caller }) => {
      await routing.removeUpstream(caller, params.upstreamKey)
      return DONE
    }),
  ]
}

/** Without the members that were left out, at any depth: a default must not be overwritten by nothing. */
function given<T>(value: T): Given<T> {
  return JSON.parse(JSON.stringify(value)) as Given<T>
}

type Given<T> = T extends readonly (infer Item)[]
  ? Given<Item>[]
  : T extends object
    ? { [Key in keyof T]: Given<Exclude<T[Key], undefined>> }
    : T

function routeToApi({ methods, policy, ...route }: Route) {
  const { costs, rateLimits, concurrencyLimits, ...rest } = policy
  return {
    ...route,
    methods: [...methods],
    policy: {
      ...rest,
      costs: [...costs],
      rateLimits: [...rateLimits],
      concurrencyLimits: [...concurrencyLimits],
    },
  }
}

function upstreamToApi({ targets, ...upstream }: Upstream) {
  return { ...upstream, targets: [...targets] }
}
