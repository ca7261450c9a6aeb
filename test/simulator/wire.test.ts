import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import { clientFor, createPrice, refusal, useSimulator } from './support.ts'

const simulator = useSimulator()

interface Call {
  readonly method?: string
  readonly key?: string | null
  readonly body?: string
  readonly headers?: Record<string, string>
}

/** A request as curl would send it, with today's version unless another is named. */
async function call(
  path: string,
  { method = 'GET', key = 'sk_test_wire', body, headers }: Call = {},
) {
  const response = await fetch(`${simulator.url}${path}`, {
    method,
    headers: {
      'Stripe-Version': '2026-10-28.endive',
      ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) }
}

test('answers are indented JSON with a request id', async () => {
  const answer = await call('/v1/customers')

  expect(answer.headers.get('request-id')).toMatch(/^req_/)
  expect(answer.headers.get('stripe-version')).toBe('2026-10-28.endive')
  expect(answer.text).toBe(JSON.stringify(answer.json, null, 2))
})

test.each([
  ['no key', null, 'You did not provide an API key'],
  ['a key of no kind', 'hello', 'Invalid API Key provided'],
  ['a restricted key nobody made', 'rk_test_1', 'Invalid API Key provided: rk_test_*'],
])('%s is a 401 that does not repeat the key', async (_, key, message) => {
  const answer = await call('/v1/customers', { key })

  expect(answer.status).toBe(401)
  expect(answer.json.error).toMatchObject({ type: 'invalid_request_error' })
  expect(answer.json.error.message).toContain(message)
})

test('a key works as the user name of Basic authentication, as curl -u sends it', async () => {
  const basic = Buffer.from('sk_test_wire:').toString('base64')
  const answer = await call('/v1/customers', {
    key: null,
    headers: { Authorization: `Basic ${basic}` },
  })
  expect(answer.status).toBe(200)
})

test('two keys are two accounts, and test and live mode of one key share nothing but the account', async () => {
  const [ada, bob, live] = ['sk_test_ada', 'sk_test_bob', 'sk_live_ada'].map((key) =>
    clientFor(simulator.url, key),
  )
  const customer = await ada!.customers.create({ name: 'Ada' })

  expect(customer.livemode).toBe(false)
  expect((await refusal(bob!.customers.retrieve(customer.id))).message).toBe(
    `No such customer: '${customer.id}'`,
  )
  expect((await refusal(live!.customers.retrieve(customer.id))).message).toContain(
    'a similar object exists in test mode, but a live mode key was used',
  )
  expect((await live!.customers.create({ name: 'Ada' })).livemode).toBe(true)
})

test.each([
  ['GET', '/v1/nothing', 'Unrecognized request URL (GET: /v1/nothing)'],
  ['POST', '/v1/issuing/cards', 'Unrecognized request URL (POST: /v1/issuing/cards)'],
  ['DELETE', '/v1/customers', 'Unrecognized request URL (DELETE: /v1/customers)'],
  ['GET', '/v2/core/accounts', 'Unrecognized request URL (GET: /v2/core/accounts)'],
])('%s %s is not answered with an empty success', async (method, path, message) => {
  const answer = await call(path, { method })
  expect(answer.status).toBe(404)
  expect(answer.json.error.message).toContain(message)
})

test.each([
  ['name=A&nmae=B', 'parameter_unknown', 'nmae', 'Received unknown parameter: nmae'],
  ['a=1&b=2', 'parameter_unknown', 'a', 'Received unknown parameters: a, b'],
  ['address[town]=X', 'parameter_unknown', 'address[town]', 'address[town]'],
  ['balance=ten', 'parameter_invalid_integer', 'balance', 'Invalid integer: ten'],
  ['balance=', 'parameter_invalid_empty', 'balance', 'You passed an empty string'],
  ['tax_exempt=maybe', undefined, 'tax_exempt', 'must be one of none, exempt, or reverse'],
  ['validate=yes', undefined, 'validate', 'Invalid boolean: yes'],
  ['preferred_locales=en', undefined, 'preferred_locales', 'Invalid array'],
  ['address=home', undefined, 'address', 'Invalid object'],
  ['test_clock=clock_x', 'resource_missing', 'test_clock', "No such test clock: 'clock_x'"],
])(
  'POST /v1/customers with %s is refused as Stripe refuses it',
  async (body, code, param, message) => {
    const answer = await call('/v1/customers', { method: 'POST', body })

    expect(answer.status).toBe(400)
    expect(answer.json.error).toMatchObject({ type: 'invalid_request_error', param })
    expect(answer.json.error.code).toBe(code)
    expect(answer.json.error.message).toContain(message)
  },
)

test('missing, exclusive and nested parameters are named', async () => {
  const missing = await call('/v1/products', { method: 'POST', body: 'description=x' })
  const exclusive = await call('/v1/customers?starting_after=a&ending_before=b')
  const nested = await call('/v1/prices', {
    method: 'POST',
    body: 'currency=usd&product=prod_x&unit_amount=1&recurring[interval]=fortnight',
  })

  expect(missing.json.error).toMatchObject({ code: 'parameter_missing', param: 'name' })
  expect(exclusive.json.error.code).toBe('parameters_exclusive')
  expect(nested.json.error.param).toBe('recurring[interval]')
})

test('forms come in every spelling of brackets', async () => {
  const body =
    'metadata[a]=1&metadata%5Bb%5D=2&preferred_locales[]=en&preferred_locales[]=de&address%5Bcity%5D=Bonn+am+Rhein'
  const { json } = await call('/v1/customers', { method: 'POST', body })
  expect(json).toMatchObject({
    metadata: { a: '1', b: '2' },
    preferred_locales: ['en', 'de'],
    address: { city: 'Bonn am Rhein', country: null },
  })
})

test('v1 takes forms only and v2 JSON only', async () => {
  const headers = { 'Content-Type': 'application/json' }
  const v1 = await call('/v1/customers', { method: 'POST', body: '{"name":"A"}', headers })
  const v2 = await call('/v2/billing/meter_events', { method: 'POST', body: 'a=1', headers })

  expect(v1.json.error.message).toContain('application/x-www-form-urlencoded')
  expect(v2.json.error.message).toContain('not valid JSON')
})

test('an unknown version is refused, an older one accepted with its older parameters', async () => {
  const body = 'amount=100&currency=usd&payment_method_types[]=card'
  const post = (version: string) =>
    call('/v1/payment_intents', { method: 'POST', body, headers: { 'Stripe-Version': version } })

  expect((await post('latest')).json.error.message).toContain('Invalid Stripe API version')
  expect((await post('2026-10-28.endive')).json.error.code).toBe(
    'payment_method_types_no_longer_supported',
  )
  expect((await post('2025-09-30.clover')).json).toMatchObject({ payment_method_types: ['card'] })
})

test('a repeated key replays the first answer, and another request under it is refused', async () => {
  const stripe = simulator.stripe()
  const first = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k1' })

  const again = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k1' })
  const other = await refusal(stripe.customers.create({ name: 'B' }, { idempotencyKey: 'k1' }))

  expect(again.id).toBe(first.id)
  expect(again.lastResponse.headers['idempotent-replayed']).toBe('true')
  expect(other).toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 })
  expect((await stripe.customers.list()).data).toHaveLength(1)
})

test('a declined payment is replayed too, and a refused request is not remembered', async () => {
  const stripe = simulator.stripe()
  const pay = () =>
    refusal(
      stripe.paymentIntents.create(
        { amount: 100, currency: 'usd', payment_method: 'pm_card_chargeDeclined', confirm: true },
        { idempotencyKey: 'pay' },
      ),
    )

  const first = await pay()
  const second = await pay()
  await refusal(stripe.customers.create({ test_clock: 'clock_x' }, { idempotencyKey: 'c' }))
  const fixed = await stripe.customers.create({ name: 'ok' }, { idempotencyKey: 'c' })

  expect([first.statusCode, second.statusCode]).toEqual([402, 402])
  expect(second.payment_intent?.id).toBe(first.payment_intent?.id)
  expect((await stripe.paymentIntents.list()).data).toHaveLength(1)
  expect(fixed.name).toBe('ok')
})

test('events carry the request and the idempotency key that caused them', async () => {
  const stripe = simulator.stripe()
  const customer = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'mine' })
  const { data } = await stripe.events.list({ type: 'customer.created' })
  expect(data[0]?.request).toEqual({
    id: customer.lastResponse.requestId,
    idempotency_key: 'mine',
  })
})

test('lists page through everything once, newest first, in both directions', async () => {
  const stripe = simulator.stripe()
  const made: string[] = []
  for (let n = 0; n < 25; n++) made.push((await stripe.customers.create({ name: `${n}` })).id)

  const seen: string[] = []
  for await (const customer of stripe.customers.list({ limit: 10 })) seen.push(customer.id)
  const page = await stripe.customers.list({ limit: 3, starting_after: made[20]! })
  const back = await stripe.customers.list({ limit: 3, ending_before: made[20]! })

  expect(seen).toEqual(made.toReversed())
  expect(page.data.map(({ name }) => name)).toEqual(['19', '18', '17'])
  expect(back.data.map(({ name }) => name)).toEqual(['23', '22', '21'])
  expect([page.has_more, back.has_more]).toEqual([true, true])
  expect((await refusal(stripe.customers.list({ limit: 101 }))).param).toBe('limit')
  expect((await refusal(stripe.customers.list({ starting_after: 'cus_x' }))).code).toBe(
    'resource_missing',
  )
})

test('expansion follows ids to four levels and adds what is left out by default', async () => {
  const stripe = simulator.stripe()
  const price = await createPrice(stripe, 0, {
    unit_amount: undefined as never,
    billing_scheme: 'tiered',
    tiers_mode: 'graduated',
    tiers: [
      { up_to: 10, unit_amount: 100 },
      { up_to: 'inf', unit_amount: 50 },
    ],
  })
  expect(price.tiers).toBeUndefined()

  const expanded = await stripe.prices.retrieve(price.id, { expand: ['product', 'tiers'] })
  const listed = await stripe.prices.list({ expand: ['data.product'] })

  expect((expanded.product as Stripe.Product).name).toBe('Plan at 0')
  expect(expanded.tiers?.map(({ up_to: upTo }) => upTo)).toEqual([10, null])
  expect(listed.data[0]?.product).toHaveProperty('object', 'product')
  const wrong = refusal(stripe.prices.retrieve(price.id, { expand: ['nickname'] }))
  expect((await wrong).message).toContain('This property cannot be expanded (nickname)')
  const deep = refusal(stripe.prices.retrieve(price.id, { expand: ['product.a.b.c.d'] }))
  expect((await deep).message).toContain('more than 4 levels')
})

test('metadata merges, deletes by empty values and keeps its limits', async () => {
  const stripe = simulator.stripe()
  const { id } = await stripe.customers.create({ metadata: { a: '1', b: '2' } })
  const update = (metadata: Stripe.Emptyable<Stripe.MetadataParam>) =>
    stripe.customers.update(id, { metadata })

  expect((await update({ a: '', c: 3 })).metadata).toEqual({ b: '2', c: '3' })
  expect((await update('')).metadata).toEqual({})
  expect((await refusal(update({ ['x'.repeat(41)]: '1' }))).param).toBe('metadata')
  expect((await refusal(update({ long: 'x'.repeat(501) }))).param).toBe('metadata[long]')
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, 'v']))
  expect((await refusal(update(many))).message).toContain('at most 50 keys')
})

test('search finds by fields and metadata, and refuses what it cannot read', async () => {
  const stripe = simulator.stripe()
  await stripe.customers.create({
    name: 'Ada Lovelace',
    email: 'ada@x.org',
    metadata: { plan: 'pro' },
  })
  await stripe.customers.create({ name: 'Bob', email: 'bob@x.org', metadata: { plan: 'free' } })
  const names = async (query: string) =>
    (await stripe.customers.search({ query })).data.map(({ name }) => name)

  expect(await names('email:"ada@x.org"')).toEqual(['Ada Lovelace'])
  expect(await names('metadata["plan"]:"free"')).toEqual(['Bob'])
  expect(await names('name~"love" AND created>0')).toEqual(['Ada Lovelace'])
  expect(await names('-metadata["plan"]:"pro"')).toEqual(['Bob'])
  expect(await names('name:"bob" OR email:"ada@x.org"')).toEqual(['Bob', 'Ada Lovelace'])
  for (const query of ['name', 'name:"a" AND email:"b" OR phone:"c"', 'balance:"1"', 'name~"ab"']) {
    expect((await refusal(stripe.customers.search({ query }))).param, query).toBe('query')
  }
})

test('a key of another account in the account header opens nothing', async () => {
  const headers = { 'Stripe-Account': 'acct_other' }
  expect((await call('/v1/customers', { headers })).json.error.code).toBe('account_invalid')
})
