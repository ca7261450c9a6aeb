import type { AddressInfo } from 'node:net'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { farebox as forExpress } from '../examples/middleware/express.ts'
import { farebox as forFastify } from '../examples/middleware/fastify.ts'
import type { FareboxOptions } from '../examples/middleware/farebox.ts'
import { farebox as forHono, type FareboxVariables } from '../examples/middleware/hono.ts'
import type { Actor } from './support/actor.ts'
import { openWorld, type World } from './support/world.ts'

let world: World
let ada: Actor

beforeAll(async () => {
  world = await openWorld()
  ada = await world.customer('Ada')
  await ada.subscribes('pro')
})
afterAll(() => world.close())

type Caller = (headers: Record<string, string>) => Promise<Response>

/** An API with one answer, in each framework. */
const FRAMEWORKS: Record<string, (options: FareboxOptions) => Promise<Caller>> = {
  async express(options) {
    const app = express()
    app.use(forExpress(options))
    app.get('/items', (_, response) => void response.send('items'))
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    return (headers) => fetch(`http://127.0.0.1:${port}/items`, { headers })
  },
  async fastify(options) {
    const app = Fastify()
    app.addHook('onRequest', forFastify(options))
    app.get('/items', () => 'items')
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => app.close())
    return (headers) => fetch(`${url}/items`, { headers })
  },
  hono(options) {
    const app = new Hono<FareboxVariables>()
    app.use(forHono({ ...options, ip: () => '127.0.0.1' }))
    app.get('/items', (context) => context.text('items'))
    return Promise.resolve(async (headers) => app.request('http://api.test/items', { headers }))
  },
}

test.each(Object.keys(FRAMEWORKS))(
  '%s serves who may call, and answers others as the gateway does',
  async (name) => {
    const options = { url: world.running.consoleUrl, token: world.token }
    const call = await FRAMEWORKS[name]!(options)

    const served = await call({ authorization: `Bearer ${ada.key}` })
    const refused = await call({ 'x-api-key': 'nonsense' })

    expect([served.status, await served.text()]).toEqual([200, 'items'])
    expect(served.headers.get('x-quota-limit')).not.toBeNull()
    expect(refused.status).toBe(401)
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(await refused.json()).toMatchObject({ code: 'invalid_api_key' })
    const requestId = served.headers.get('x-request-id') ?? ''
    expect(
      await world.operator.get('/api/v1/decisions/{requestId}', { params: { requestId } }),
    ).toMatchObject({ customerId: ada.customerId, isBilled: true })
  },
)

test.each([
  ['deny', 503],
  ['allow', 200],
] as const)(
  'while Farebox does not answer, calls are dealt with by choice: %s',
  async (onFailure, status) => {
    const options = { url: 'http://127.0.0.1:1', token: 'none', onFailure }
    const call = await FRAMEWORKS['hono']!(options)

    expect((await call({ authorization: `Bearer ${ada.key}` })).status).toBe(status)
  },
)
