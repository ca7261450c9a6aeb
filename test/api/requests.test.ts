import { beforeAll, expect, test } from 'vitest'
import { openTestConsole, type Person, type TestConsole } from '../support/console.ts'

let console: TestConsole
let admin: Person
let ada: Person & { customerId: string }
let bob: Person & { customerId: string }

beforeAll(async () => {
  console = await openTestConsole()
  admin = await console.operator('super_admin')
  ada = await console.member('Ada')
  bob = await console.member('Bob')
})

test('a problem document names a code, a status, a page and the request', async () => {
  const { status, headers, json } = await console.send('GET', '/api/v1/customers/nobody', {
    as: admin,
  })

  expect(status).toBe(404)
  expect(headers.get('content-type')).toBe('application/problem+json')
  expect(json).toEqual({
    type: 'http://console.test/docs/errors/not_found',
    title: 'Not found',
    status: 404,
    code: 'not_found',
    detail: 'There is no such customer.',
    requestId: headers.get('x-request-id'),
  })
})

test("a problem's type is a page that says what to do", async () => {
  const { json } = await console.send('GET', '/api/v1/nothing')
  const page = await console.send('GET', new URL(json['type'] as string).pathname)

  expect(page.status).toBe(200)
  expect(page.text).toContain('<h1><code>not_found</code></h1>')
  expect(page.text).toContain('What to do')
  expect(page.text).not.toContain('**')
})

test('all problems of an input are reported at once, by field', async () => {
  const body = { key: 'Not A Key', definition: { name: '', currencies: ['xxx'], surprise: 1 } }
  const { status, json } = await console.send('POST', '/api/v1/plans', { as: admin, body })

  expect(status).toBe(400)
  const paths = (json['errors'] as { path: string }[]).map(({ path }) => path)
  expect(paths.toSorted()).toEqual([
    'definition.billingCadence',
    'definition.currencies[0]',
    'definition.name',
    'definition.phases',
    'definition.surprise',
    'key',
  ])
})

test.each([
  ['an unknown route', 'GET', '/api/v1/nothing', undefined, 404, 'not_found'],
  ['a wrong method', 'DELETE', '/api/v1/plans', undefined, 405, 'method_not_allowed'],
  ['a body that is no JSON', 'POST', '/api/v1/customers', '{"name":', 400, 'malformed_body'],
  ['a body of the wrong shape', 'POST', '/api/v1/customers', '[]', 400, 'invalid_request'],
  [
    'a body that is too large',
    'POST',
    '/api/v1/customers',
    `"${'x'.repeat(600_000)}"`,
    413,
    'body_too_large',
  ],
  ['a mode that does not exist', 'GET', '/api/v1/plans', undefined, 400, 'mode_invalid'],
  ['an unknown setting', 'PUT', '/api/v1/settings/nothing', { value: '1' }, 404, 'not_found'],
  [
    'a page limit beyond the largest',
    'GET',
    '/api/v1/customers?limit=100000',
    undefined,
    400,
    'invalid_request',
  ],
])(
  '%s is refused with a code and changes nothing',
  async (what, method, path, body, status, code) => {
    const before = await console.database.db.selectFrom('auditEntries').select('id').execute()
    const headers = what.startsWith('a mode') ? { 'farebox-mode': 'production' } : {}
    const answer = await console.send(method, path, {
      as: admin,
      headers,
      ...(body !== undefined && { body }),
    })

    expect([answer.status, answer.json['code']]).toEqual([status, code])
    const after = await console.database.db.selectFrom('auditEntries').select('id').execute()
    expect(after).toEqual(before)
  },
)

test.each([
  ['POST', '/api/v1/customers', { key: 'nul', name: 'a\0b' }, 'name'],
  ['GET', '/api/v1/customers?search=a%00b', undefined, 'search'],
  ['GET', '/api/v1/customers/a%00b', undefined, 'customerId'],
])(
  'text that no database keeps is a mistake, not an error of ours: %s %s',
  async (method, path, body, field) => {
    const { status, json } = await console.send(method, path, { as: admin, body })

    expect(status).toBe(400)
    expect(json).toMatchObject({ code: 'invalid_request', errors: [{ path: field }] })
  },
)

test("somebody else's id answers exactly like one that never was", async () => {
  const issued = await console.send('POST', '/api/v1/portal/keys', {
    as: ada,
    body: { name: 'mine' },
  })
  const theirs = await console.send('POST', `/api/v1/portal/keys/${issued.json['key'].id}/revoke`, {
    as: bob,
  })
  const nothing = await console.send('POST', '/api/v1/portal/keys/key_nothing/revoke', { as: bob })

  const { requestId: _a, ...first } = theirs.json
  const { requestId: _b, ...second } = nothing.json
  expect(theirs.status).toBe(404)
  expect(first).toEqual(second)
  const keys = await console.send('GET', '/api/v1/portal/keys', { as: ada })
  expect(keys.json['data'][0].state).toBe('active')
})

test('an id of the other mode answers like one that never was', async () => {
  const { status, json } = await console.send('GET', `/api/v1/customers/${ada.customerId}`, {
    as: admin,
    headers: { 'farebox-mode': 'live' },
  })

  expect([status, json['code']]).toEqual([404, 'not_found'])
})

test('a key is shown in the answer that creates it and in no other', async () => {
  const { json } = await console.send('POST', '/api/v1/portal/keys', {
    as: ada,
    body: { name: 'once' },
  })
  const secret = json['secret'] as string
  expect(secret).toMatch(/^fb_test_[0-9A-Za-z]{32}$/)

  const { text } = await console.send('GET', '/api/v1/portal/keys', { as: ada })

  expect(text).not.toContain(secret)
  expect(text).not.toContain('hash')
  const stored = await console.database.db.selectFrom('apiKeys').selectAll().execute()
  expect(JSON.stringify(stored)).not.toContain(secret)
})

test('a request with an idempotency key takes effect once and is answered alike', async () => {
  const request = {
    as: admin,
    body: { name: 'Once Ltd' },
    headers: { 'idempotency-key': 'create-1' },
  }
  const first = await console.send('POST', '/api/v1/customers', request)
  const again = await console.send('POST', '/api/v1/customers', request)

  expect(again.text).toBe(first.text)
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  const { json } = await console.send('GET', '/api/v1/customers?search=Once', { as: admin })
  expect(json['data']).toHaveLength(1)
})

test('a key that is taken is a conflict, not an error of ours', async () => {
  const request = { as: admin, body: { name: 'Acme', key: 'acme' } }
  await console.send('POST', '/api/v1/customers', request)
  const again = await console.send('POST', '/api/v1/customers', request)

  expect([again.status, again.json['code']]).toEqual([409, 'key_taken'])
})

test('the same key for another request is refused', async () => {
  const headers = { 'idempotency-key': 'create-2' }
  await console.send('POST', '/api/v1/customers', { as: admin, body: { name: 'A' }, headers })
  const other = await console.send('POST', '/api/v1/customers', {
    as: admin,
    body: { name: 'B' },
    headers,
  })

  expect(other.json['code']).toBe('idempotency_mismatch')
})

test('a refused request may be corrected and sent again under its key', async () => {
  const headers = { 'idempotency-key': 'create-3' }
  const wrong = await console.send('POST', '/api/v1/customers', {
    as: admin,
    body: { name: '' },
    headers,
  })
  const same = await console.send('POST', '/api/v1/customers', {
    as: admin,
    body: { name: '' },
    headers,
  })

  expect([wrong.status, same.status]).toEqual([400, 400])
})

test('a change from another site, or without the header that forms cannot send, is refused', async () => {
  const { 'farebox-csrf': _, ...forged } = ada.headers
  const foreign = { ...ada.headers, origin: 'https://evil.example' }
  for (const headers of [forged, foreign]) {
    const answer = await console.send('POST', '/api/v1/portal/keys', {
      as: { id: '', headers },
      body: { name: 'x' },
    })
    expect([answer.status, answer.json['code']]).toEqual([403, 'cross_site_request'])
  }
})

test('an ended session and a revoked token are nobody', async () => {
  await console.database.db.deleteFrom('userSessions').where('userId', '=', bob.id).execute()
  const session = await console.send('GET', '/api/v1/portal/session', { as: bob })
  const operator = await console.operator('read_only')
  const [token] = await console.domain.operators.tokens(operator.id)
  await console.domain.operators.revokeToken(operator.id, token!.id)
  const revoked = await console.send('GET', '/api/v1/session', { as: operator })

  expect([session.json['code'], revoked.json['code']]).toEqual(['not_signed_in', 'token_invalid'])
})

test('secrets in settings are sealed in the database and masked in answers', async () => {
  const path = '/api/v1/settings/payment.stripe.webhook_secret'
  await console.send('PUT', path, { as: admin, body: { value: 'whsec_very_secret' } })

  const { text } = await console.send('GET', '/api/v1/settings', { as: admin })
  const rows = await console.database.db.selectFrom('settings').selectAll().execute()
  const audit = await console.database.db.selectFrom('auditEntries').selectAll().execute()

  expect(text).not.toContain('very_secret')
  expect(JSON.stringify(rows)).not.toContain('very_secret')
  expect(
    JSON.stringify(audit, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    ),
  ).not.toContain('very_secret')
  expect(await console.domain.settings.get('test', 'payment.stripe.webhook_secret')).toBe(
    'whsec_very_secret',
  )
})

test('every answer forbids frames, foreign code and sniffing', async () => {
  const { headers } = await console.send('GET', '/api/v1/public/status')

  expect(headers.get('content-security-policy')).toContain("default-src 'self'")
  expect(headers.get('content-security-policy')).not.toContain('unsafe')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('x-frame-options')).toBe('DENY')
})

test('a webhook without a valid signature is refused and not stored', async () => {
  const answer = await console.send('POST', '/webhooks/stripe', {
    body: { id: 'evt_1', type: 'invoice.paid' },
    headers: { 'stripe-signature': 't=1,v1=00' },
  })

  expect([answer.status, answer.json['code']]).toEqual([400, 'webhook_signature_invalid'])
  expect(await console.database.db.selectFrom('stripeEvents').select('id').execute()).toEqual([])
})

test('every change by an operator has an entry in an unbroken chain', async () => {
  await console.send('POST', '/api/v1/customers', { as: admin, body: { name: 'Audited' } })

  const list = await console.send('GET', '/api/v1/audit-entries', { as: admin })
  const verified = await console.send('GET', '/api/v1/audit-entries/verification', { as: admin })

  expect(list.json['data'][0]).toMatchObject({
    action: 'customer.created',
    actorKind: 'operator',
    actorId: admin.id,
    actorRole: 'super_admin',
  })
  expect(verified.json).toEqual({ isIntact: true, brokenAtId: null })
})

test('audit entries cannot be changed, not even in the database', async () => {
  const change = console.database.db
    .updateTable('auditEntries')
    .set({ action: 'nothing' })
    .execute()

  await expect(change).rejects.toThrow('append-only')
})
