import { expect, expectTypeOf, test } from 'vitest'
import { createClient, type ResponseOf } from './client.ts'
import { ProblemError } from './problem-error.ts'

function recording(answer: Response) {
  const requests: Request[] = []
  const fetch = (input: string | URL | Request, init?: RequestInit) => {
    requests.push(new Request(input, init))
    return Promise.resolve(answer.clone())
  }
  return {
    requests,
    client: createClient({ baseUrl: 'http://console', mode: 'test', token: 'fb_op_x', fetch }),
  }
}

test('parameters are encoded into the path, and what is not given is not sent', async () => {
  const { requests, client } = recording(Response.json({ data: [], nextCursor: null }))

  await client.get('/api/v1/customers/{customerId}', { params: { customerId: 'a/../b' } })
  await client.get('/api/v1/customers', { query: { search: undefined, limit: 5 } })

  expect(requests.map(({ url }) => url)).toEqual([
    'http://console/api/v1/customers/a%2F..%2Fb',
    'http://console/api/v1/customers?limit=5',
  ])
})

test('a call names its mode, its credential and its idempotency key', async () => {
  const { requests, client } = recording(Response.json({}))

  await client.post('/api/v1/customers', { body: { name: 'Ada' }, idempotencyKey: 'form-1' })

  const { headers } = requests[0]!
  expect(headers.get('farebox-mode')).toBe('test')
  expect(headers.get('authorization')).toBe('Bearer fb_op_x')
  expect(headers.get('idempotency-key')).toBe('form-1')
})

test('a refusal is thrown with everything the server said about it', async () => {
  const problem = {
    status: 409,
    code: 'key_taken',
    title: 'Key taken',
    detail: 'No.',
    requestId: 'req_1',
  }
  const { client } = recording(Response.json(problem, { status: 409 }))

  const error = await client.get('/api/v1/plans').catch((thrown: unknown) => thrown)

  expect(error).toBeInstanceOf(ProblemError)
  expect((error as ProblemError).problem).toEqual(problem)
})

test('an answer that is no problem document is told as such', async () => {
  const { client } = recording(new Response('<html>', { status: 502, statusText: 'Bad Gateway' }))

  await expect(client.get('/api/v1/plans')).rejects.toMatchObject({
    code: 'unexpected_answer',
    status: 502,
  })
})

test('the types of input and answer are those of the contract', () => {
  const { client } = recording(Response.json({}))
  expectTypeOf<ResponseOf<'get', '/api/v1/plans'>['data'][number]['key']>().toEqualTypeOf<string>()
  // @ts-expect-error a customer needs a name
  void client.post('/api/v1/customers', { body: {} }).catch(() => undefined)
  // @ts-expect-error there is no such route
  void client.get('/api/v1/nothing').catch(() => undefined)
})
