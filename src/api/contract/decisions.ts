import { z } from 'zod'
import { operator, route } from './route.ts'
import { decimal, instant, mode } from './values.ts'

const tag = 'Decisions'

const identity = {
  requestId: z.string(),
  mode: mode.nullable(),
  keyId: z.string().nullable(),
  customerId: z.string().nullable(),
  subscriptionId: z.string().nullable(),
  planKey: z.string().nullable(),
  routeKey: z.string().nullable(),
}

const fields = z.record(z.string(), z.string())

/** For those who keep their own proxy: the gateway's decisions without its proxying. */
export const decisionRoutes = {
  decide: route({
    method: 'post',
    path: '/api/v1/decisions',
    access: operator('usage.write'),
    summary: 'Verify an API key, check every limit, and count the call',
    tag,
    body: z.strictObject({
      /** The caller's API key; null or absent when the request carried none. */
      key: z.string().max(200).nullable().default(null),
      method: z
        .string()
        .regex(/^[A-Z][A-Z-]{0,31}$/, 'must be an upper-case method')
        .default('GET'),
      /** The path with its query: finds the route, and with it meters, features and limits. */
      path: z.string().startsWith('/').max(8_000).nullable().default(null),
      host: z.string().max(255).default(''),
      /** The client's address, for keys bound to addresses and for limits by address. */
      ip: z.union([z.ipv4(), z.ipv6()]).nullable().default(null),
      /** Units by meter, instead of those of the route. */
      meters: z.record(z.string().max(64), decimal).optional(),
      /** A feature the plan must grant, besides what the route asks for. */
      feature: z.string().max(64).optional(),
      /** False decides alike and uses up no quota. */
      consume: z.boolean().default(true),
    }),
    response: z.object({
      ...identity,
      isAllowed: z.boolean(),
      /** 200, or the status to answer the client with. */
      status: z.int(),
      /** For the client. */
      headers: fields,
      /** For the API. */
      upstreamHeaders: fields,
      /** What to answer the client with, as `application/problem+json`. */
      problem: z.record(z.string(), z.unknown()).nullable(),
    }),
  }),
  getDecision: route({
    method: 'get',
    path: '/api/v1/decisions/{requestId}',
    access: operator('read'),
    summary: 'What was decided about one of the last requests, and why',
    tag,
    params: z.object({ requestId: z.string().min(1).max(64) }),
    response: z.object({
      ...identity,
      at: instant,
      isAllowed: z.boolean(),
      /** How far the request came. */
      stage: z.enum(['route', 'authenticate', 'admit', 'limit', 'proxy']),
      /** What the client was answered; 0 when it left before. */
      status: z.int(),
      refusal: z
        .object({
          code: z.string(),
          detail: z.string(),
          limit: z.record(z.string(), z.unknown()).nullable(),
          actions: z.array(z.string()),
        })
        .nullable(),
      isBilled: z.boolean(),
      notBilledBecause: z
        .enum([
          'refused',
          'not_metered',
          'status_not_billed',
          'client_left',
          'not_consuming',
          'replayed',
        ])
        .nullable(),
      usage: z.array(
        z.object({
          meterKey: z.string(),
          units: z.string(),
          /** Which of the units credits paid for, and what they cost. */
          credits: z.array(z.object({ unit: z.string(), units: z.string(), amount: z.string() })),
        }),
      ),
      isDegraded: z.boolean(),
    }),
  }),
}
