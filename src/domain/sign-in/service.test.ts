import { beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { createLog } from '../../platform/log.ts'
import type { MailMessage } from '../../platform/mail/mail.ts'
import { createSignIn, type SignIn, type Surface } from './service.ts'

const URL_ = 'http://127.0.0.1:8081'
let signIn: SignIn
let mails: MailMessage[]
let address: string

beforeEach(async () => {
  mails = []
  address = `203.0.113.${Math.floor(Math.random() * 250)}`
  signIn = await openSignIn('mailbox')
})

async function openSignIn(kind: 'mailbox' | 'smtp'): Promise<SignIn> {
  return createSignIn({
    database: await testDatabase(),
    mailer: { kind, send: (mail) => Promise.resolve(void mails.push(mail)) },
    log: createLog({ level: 'silent', format: 'json' }),
    secret: 'a test secret that is long enough',
    publicUrl: URL_,
    productName: () => Promise.resolve('Acme API'),
  })
}

function post(surface: Surface, path: string, body: object, headers: Record<string, string> = {}) {
  return signIn.handle(
    surface,
    new Request(`${URL_}/api/v1/auth/${surface}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: URL_, ...headers },
      body: JSON.stringify(body),
    }),
    address,
  )
}

function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}

const ada = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' }

test('signing up opens a session that names the user', async () => {
  const response = await post('portal', '/sign-up/email', ada)
  expect(response.status).toBe(200)

  const session = await signIn.session('portal', new Headers({ cookie: cookieOf(response) }))

  expect(session).toMatchObject({ name: 'Ada', email: 'ada@example.com', isEmailVerified: false })
  expect(session?.userId).toMatch(/^user_[0-9a-z]{26}$/)
  await expect
    .poll(() => mails.map(({ subject }) => subject))
    .toEqual(['Confirm your address for Acme API'])
})

test('cookies are closed to scripts and to other sites', async () => {
  const response = await post('portal', '/sign-up/email', ada)

  const [cookie = ''] = response.headers.getSetCookie()
  expect(cookie).toContain('farebox_portal')
  expect(cookie).toMatch(/HttpOnly/i)
  expect(cookie).toMatch(/SameSite=Lax/i)
})

test('a portal session opens nothing in the admin center, and nobody can sign up there', async () => {
  const portal = await post('portal', '/sign-up/email', ada)
  const cookie = cookieOf(portal).replaceAll('farebox_portal', 'farebox_admin')

  expect(await signIn.session('admin', new Headers({ cookie }))).toBeUndefined()
  expect((await post('admin', '/sign-up/email', ada)).ok).toBe(false)
})

test('an operator signs in with the password made for them, and with no other', async () => {
  await signIn.createAccount('admin', ada)

  const wrong = await post('admin', '/sign-in/email', { ...ada, password: 'something else' })
  const right = await post('admin', '/sign-in/email', ada)

  expect(wrong.status).toBe(401)
  expect(await signIn.session('admin', new Headers({ cookie: cookieOf(right) }))).toMatchObject({
    name: 'Ada',
  })
})

test('a magic link signs in once', async () => {
  await signIn.createAccount('portal', ada)
  expect(
    (await post('portal', '/sign-in/magic-link', { email: ada.email, callbackURL: '/portal/' })).ok,
  ).toBe(true)
  await expect.poll(() => mails.length).toBe(1)
  const link = /http\S+/.exec(mails[0]!.text)![0]

  const first = await signIn.handle('portal', new Request(link), address)
  const second = await signIn.handle('portal', new Request(link), address)

  expect(await signIn.session('portal', new Headers({ cookie: cookieOf(first) }))).toMatchObject({
    email: ada.email,
  })
  expect(await signIn.session('portal', new Headers({ cookie: cookieOf(second) }))).toBeUndefined()
})

test('whether an address has an account cannot be told from the answer', async () => {
  await signIn.createAccount('admin', ada)

  const known = await post('admin', '/request-password-reset', { email: ada.email })
  const unknown = await post('admin', '/request-password-reset', { email: 'nobody@example.com' })

  expect(unknown.status).toBe(known.status)
  expect(await unknown.text()).toBe(await known.text())
})

test('a request from another site is refused', () => {
  const headers = { origin: 'https://evil.example' }

  expect(() => post('admin', '/sign-in/email', ada, headers)).toThrow('another site')
})

test('guessing passwords from one address is stopped, and nobody else is kept out', async () => {
  await signIn.createAccount('admin', ada)
  const guess = () => post('admin', '/sign-in/email', { ...ada, password: 'a wrong password' })

  const statuses = []
  for (let i = 0; i < 6; i++) statuses.push((await guess()).status)
  address = '192.0.2.77'
  const elsewhere = await post('admin', '/sign-in/email', ada)

  expect(statuses).toContain(429)
  expect(elsewhere.status).toBe(200)
})

test('where mail leaves, signing up does not tell whether an address has an account', async () => {
  signIn = await openSignIn('smtp')
  await signIn.createAccount('portal', ada)

  const taken = await post('portal', '/sign-up/email', { ...ada, name: 'Eve' })
  address = '192.0.2.78'
  const free = await post('portal', '/sign-up/email', {
    ...ada,
    name: 'Eve',
    email: 'eve@example.com',
  })

  expect(taken.status).toBe(free.status)
  expect(taken.headers.getSetCookie()).toEqual(free.headers.getSetCookie())
  const shape = async (response: Response) =>
    JSON.stringify(await response.json()).replaceAll(/"[^"]*"(?=[,}])/g, '""')
  expect(await shape(taken)).toBe(await shape(free))
})
