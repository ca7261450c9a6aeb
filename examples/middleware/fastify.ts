import type { onRequestAsyncHookHandler } from 'fastify'
import { createFarebox, type FareboxOptions, keyOf } from './farebox.ts'

/** `app.addHook('onRequest', farebox({ url, token }))`: before bodies are read and handlers run. */
export function farebox(options: FareboxOptions): onRequestAsyncHookHandler {
  const decide = createFarebox(options)
  return async (request, reply) => {
    const decision = await decide({
      key: keyOf((name) => request.headers[name]?.toString()),
      method: request.method,
      path: request.originalUrl,
      host: request.host,
      ip: request.ip.replace(/^::ffff:/, ''),
    })
    reply.headers(decision.headers)
    if (!decision.isAllowed) {
      return reply.code(decision.status).send(JSON.stringify(decision.problem))
    }
  }
}
