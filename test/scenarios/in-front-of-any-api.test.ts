import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Stripe } from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fee, monthly, priced } from '../support/sold-plans.ts'
import { openWorld, type World } from '../support/world.ts'

let upstream: Server
let world: World
beforeAll(async () => {
  upstream = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.writeHead(request.url === '/missing' ? 404 : 201, {
        'content-type': 'application/vnd.maps+json',
        'x-from': 'the API',
      })
      response.end(
        JSON.stringify({
          method: request.method,
          url: request.url,
          type: request.headers['content-type'],
          body: Buffer.concat(chunks).toString(),
          hasKey: 'authorization' in request.headers,
        }),
      )
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => upstream.once('listening', resolve))
  const { port } = upstream.address() as AddressInfo
  world = await openWorld({ upstream: `http://127.0.0.1:${port}` })
})
afterAll(async () => {
  await world.close()
  upstream.close()
})

test('S0.1 calls reach any API behind it and come back unchanged; who may not call is told why', async () => {
  await world.sells(
    'slow',
    monthly('Slow', [fee('5.00'), priced('requests', { type: 'unit', amount: '0.01' })], {
      rateLimits: [{ name: 'calls', limit: 2, windowSeconds: 3_600, burst: null, scope: 'key' }],
    }),
  )
  const ada = await world.customer('Ada')
  const without = await ada.calls('/maps')
  expect([without.status, without.body['code']]).toEqual([401, 'missing_credentials'])
  const wrong = await ada.calls('/maps', { headers: { authorization: 'Bearer fb_test_wrong' } })
  expect([wrong.status, wrong.body['code']]).toEqual([401, 'invalid_api_key'])

  await ada.subscribes('slow')
  const answer = await ada.calls('/maps/tiles?z=3&q=%C3%A9', {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: 'zoom in',
  })
  expect(answer.status).toBe(201)
  expect(answer.headers.get('content-type')).toBe('application/vnd.maps+json')
  expect(answer.headers.get('x-from')).toBe('the API')
  expect(answer.body).toEqual({
    method: 'POST',
    url: '/maps/tiles?z=3&q=%C3%A9',
    type: 'text/plain; charset=utf-8',
    body: 'zoom in',
    hasKey: false,
  })
  // The API's own refusals are its own.
  const missing = await ada.calls('/missing')
  expect([missing.status, missing.body['url']]).toEqual([404, '/missing'])

  const beyond = await ada.calls('/maps')
  expect([beyond.status, beyond.body['code']]).toEqual([429, 'rate_limited'])
  expect(Number(beyond.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('S3.2 a plan that is published stands in Stripe with its product, prices and meter', async () => {
  const { port, hostname } = new URL(world.running.simulatorUrl ?? '')
  const stripe = new Stripe('sk_test_farebox', { host: hostname, port, protocol: 'http' })
  await world.sells(
    'tiles',
    monthly('Tiles', [fee('19.00'), priced('requests', { type: 'unit', amount: '0.002' })]),
  )
  const { data: products } = await stripe.products.list({ active: true, limit: 100 })
  const product = products.find(({ name }) => name === 'Tiles')
  expect(product?.active).toBe(true)
  const { data: prices } = await stripe.prices.list({ active: true, limit: 100 })
  const ours = prices.filter((price) => price.product === product?.id)
  const meters = await stripe.billing.meters.list()
  const meter = meters.data.find(({ id }) => ours.some(({ recurring }) => recurring?.meter === id))
  const amounts = ours.map(({ unit_amount_decimal: amount }) => Number(amount))
  expect(amounts.toSorted((a, b) => a - b)).toEqual([0.2, 1900])
  expect(meter).toMatchObject({ status: 'active', default_aggregation: { formula: 'sum' } })
})
