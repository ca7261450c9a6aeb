import type { RequestHandler } from 'express'
import { createFarebox, type FareboxOptions, keyOf } from './farebox.ts'

/** `app.use(farebox({ url, token }))`. Handlers find the decision at `response.locals.farebox`. */
export function farebox(options: FareboxOptions): RequestHandler {
  const decide = createFarebox(options)
  return async (request, response, next) => {
    const decision = await decide({
      key: keyOf((name) => request.get(name)),
      method: request.method,
      path: request.originalUrl,
      host: request.get('host') ?? '',
      ip: request.ip?.replace(/^::ffff:/, '') ?? null,
    })
    for (const [name, value] of Object.entries(decision.headers)) response.setHeader(name, value)
    response.locals['farebox'] = decision
    if (decision.isAllowed) next()
    else response.status(decision.status).send(JSON.stringify(decision.problem))
  }
}
