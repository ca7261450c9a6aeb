import type { MiddlewareHandler } from 'hono'
import { createFarebox, type Decision, type FareboxOptions, keyOf } from './farebox.ts'

export interface FareboxVariables {
  Variables: { farebox: Decision }
}

/**
 * `app.use(farebox({ url, token, ip: (context) => … }))`. Handlers find the decision at `context.get('farebox')`. Hono
 * runs in many places, each with its own way to tell who connected: `ip` says it.
 */
export function farebox(
  options: FareboxOptions & { readonly ip?: (request: Request) => string | null },
): MiddlewareHandler<FareboxVariables> {
  const decide = createFarebox(options)
  return async (context, next) => {
    const { pathname, search, host } = new URL(context.req.url)
    const decision = await decide({
      key: keyOf((name) => context.req.header(name)),
      method: context.req.method,
      path: pathname + search,
      host,
      ip: options.ip?.(context.req.raw) ?? null,
    })
    context.set('farebox', decision)
    if (!decision.isAllowed) {
      return new Response(JSON.stringify(decision.problem), {
        status: decision.status,
        headers: decision.headers,
      })
    }
    await next()
    for (const [name, value] of Object.entries(decision.headers)) {
      context.res.headers.set(name, value)
    }
  }
}
