import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { anAccess, anUpstream, aQuota, aSecret, aWorld, METERED, withQuotas } from './harness.ts'

const CERTIFICATES = join(import.meta.dirname, 'certificates')
const file = (name: string) => join(CERTIFICATES, `${name}.pem`)
const ca = ['one', 'two'].map((name) => readFileSync(file(`${name}.cert`)))

/** Certificate files that a test may replace. */
function certificateFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'farebox-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const files = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  const use = (name: string): void => {
    copyFileSync(file(`${name}.cert`), files.certificate)
    copyFileSync(file(`${name}.key`), files.key)
  }
  use('one')
  return { files, use }
}

async function aSecureWorld(upstream: string) {
  const { files, use } = certificateFiles()
  const world = await aWorld({ upstream, tls: files })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(100))))
  return { world, use, url: new URL(world.gateway.url) }
}

async function overHttp2(url: URL, headers: http2.OutgoingHttpHeaders, body?: string) {
  const session = http2.connect(url.origin, { ca })
  onTestFinished(() => session.destroy())
  const stream = session.request({ authorization: `Bearer ${aSecret()}`, ...headers })
  stream.end(body)
  const answer = await new Promise<http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader>(
    (resolve, reject) => stream.on('response', resolve).on('error', reject),
  )
  let text = ''
  for await (const part of stream) text += String(part)
  return { headers: answer, status: answer[':status'], text }
}

const echo: http.RequestListener = (request, response) => {
  response.setHeader('set-cookie', ['a=1', 'b=2'])
  response.setHeader('x-seen', JSON.stringify(request.headers))
  request.pipe(response)
}

test('calls over TLS take the same way, and the upstream learns of it', async () => {
  const upstream = await anUpstream(echo)
  const { world, url } = await aSecureWorld(upstream.url)

  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${aSecret()}` }
    https.get(`${url.href}items`, { ca, headers }, resolve).on('error', reject)
  })
  answer.resume()

  expect(url.protocol).toBe('https:')
  expect(answer.statusCode).toBe(200)
  expect(JSON.parse(String(answer.headers['x-seen']))).toMatchObject({
    'x-forwarded-proto': 'https',
  })
  expect(await world.counted()).toBe(1)
})

test('HTTP/2 is spoken with who wants it: bodies, cookies, repeated fields and refusals', async () => {
  const upstream = await anUpstream(echo)
  const { world, url } = await aSecureWorld(upstream.url)

  const posted = await overHttp2(
    url,
    { ':method': 'POST', ':path': '/items', cookie: 'c=3; d=4' },
    'a body',
  )
  const refused = await overHttp2(url, { ':path': '/items', authorization: 'Bearer nonsense' })

  expect(posted).toMatchObject({ status: 200, text: 'a body' })
  expect(posted.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  expect(posted.headers['x-quota-used']).toBe('1')
  expect(JSON.parse(String(posted.headers['x-seen']))).toMatchObject({
    cookie: 'c=3; d=4',
    'x-forwarded-proto': 'https',
    'x-customer-id': 'customer_1',
  })
  expect(refused.status).toBe(401)
  expect(JSON.parse(refused.text)).toMatchObject({ code: 'invalid_api_key' })
  expect(await world.counted()).toBe(1)
})

test('HTTP/2: a stream that names two hosts is refused', async () => {
  const upstream = await anUpstream(echo)
  const { url } = await aSecureWorld(upstream.url)

  const two = await overHttp2(url, { ':path': '/', ':authority': 'a.test', host: 'b.test' })
  const same = await overHttp2(url, { ':path': '/', ':authority': 'a.test', host: 'a.test' })

  expect([two.status, same.status]).toEqual([400, 200])
  expect(JSON.parse(two.text)).toMatchObject({ code: 'malformed_request' })
  expect(upstream.seen).toHaveLength(1)
})

test('HTTP/2: a body is asked for once its request is admitted, and not before', async () => {
  const upstream = await anUpstream(echo)
  const { url } = await aSecureWorld(upstream.url)
  const session = http2.connect(url.origin, { ca })
  onTestFinished(() => session.destroy())
  const ask = (authorization: string) =>
    new Promise<string[]>((resolve) => {
      const events: string[] = []
      const headers = { ':method': 'POST', ':path': '/', expect: '100-continue', authorization }
      const stream = session.request(headers, { endStream: false })
      stream.on('continue', () => {
        events.push('continue')
        stream.end('body')
      })
      stream.on('response', ({ ':status': status }) => events.push(String(status)))
      stream.resume().on('end', () => resolve(events))
      stream.on('error', () => undefined)
    })

  expect(await ask(`Bearer ${aSecret()}`)).toEqual(['continue', '200'])
  expect(await ask('Bearer nonsense')).toEqual(['401'])
})

test('HTTP/2: who leaves takes what it asked for along, and is not waited for', async () => {
  let closed = 0
  const upstream = await anUpstream((_, response) => void response.on('close', () => closed++))
  const { world, url } = await aSecureWorld(upstream.url)
  const session = http2.connect(url.origin, { ca })
  const authorization = `Bearer ${aSecret()}`
  session.request({ ':path': '/', authorization }).on('error', () => undefined)
  const sending = { ':method': 'POST', ':path': '/', authorization }
  session
    .request(sending, { endStream: false })
    .on('error', () => undefined)
    .write('x')
  await expect.poll(() => upstream.seen.length).toBe(2)

  session.destroy()

  await expect.poll(() => closed).toBe(2)
  const startedAt = Date.now()
  await world.gateway.close()
  expect(Date.now() - startedAt).toBeLessThan(5_000)
})

test('a renewed certificate is used without a restart', async () => {
  const upstream = await anUpstream()
  const { use, url } = await aSecureWorld(upstream.url)
  const subject = () =>
    new Promise<string>((resolve, reject) => {
      const socket = tls.connect({ host: url.hostname, port: Number(url.port), ca }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN))
        socket.destroy()
      })
      socket.on('error', reject)
    })

  const before = await subject()
  use('two')
  await expect.poll(subject, { timeout: 15_000, interval: 200 }).toBe('two.test')

  expect(before).toBe('one.test')
})

test('an upstream behind TLS is checked against the authority its policy names', async () => {
  const server = https.createServer(
    { cert: readFileSync(file('one.cert')), key: readFileSync(file('one.key')) },
    (_, response) => void response.end('secret'),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const policy = (name: string) => ({
    certificateAuthority: readFileSync(file(`${name}.cert`), 'utf8'),
    breaker: null,
  })
  const world = await aWorld({
    upstreams: [
      { key: 'api', url, policy: policy('one') },
      { key: 'stranger', url, policy: policy('two') },
    ],
    routes: [
      METERED,
      {
        ...METERED,
        key: 'other',
        match: { kind: 'prefix', path: '/other' },
        upstreamKey: 'stranger',
      },
    ],
  })
  world.access.put(aSecret(), anAccess())
  const call = async (path: string) => {
    const headers = { authorization: `Bearer ${aSecret()}` }
    return new Promise<number>((resolve, reject) => {
      http
        .get(world.gateway.url + path, { headers }, (answer) => {
          answer.resume()
          resolve(answer.statusCode ?? 0)
        })
        .on('error', reject)
    })
  }

  expect(await call('/')).toBe(200)
  expect(await call('/other')).toBeGreaterThanOrEqual(502)
})

test('HTTP/2 offers no WebSockets, refuses who asks for one all the same, and goes on', async () => {
  const upstream = await anUpstream(echo)
  const { world, url } = await aSecureWorld(upstream.url)
  const session = http2.connect(url.origin, { ca })
  onTestFinished(() => session.destroy())
  const settings = await new Promise<http2.Settings>((resolve) =>
    session.once('remoteSettings', resolve),
  )
  const asks = (headers: http2.OutgoingHttpHeaders) =>
    new Promise<string>((resolve) => {
      const stream = session.request(headers)
      stream.on('response', ({ ':status': status }) => resolve(String(status)))
      stream.on('error', () => resolve(`code ${stream.rstCode}`))
      stream.resume()
    })
  const authorization = `Bearer ${aSecret()}`

  const webSocket = await asks({
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'https',
    ':authority': url.host,
    ':path': '/',
    authorization,
  })
  const connect = await asks({ ':method': 'CONNECT', ':authority': 'elsewhere:443' })
  const plain = await asks({ ':path': '/', authorization })

  expect(settings.enableConnectProtocol).toBe(false)
  expect(webSocket).toBe(`code ${http2.constants.NGHTTP2_PROTOCOL_ERROR}`)
  expect(connect).toBe('405')
  expect(plain).toBe('200')
  expect(upstream.seen).toHaveLength(1)
  expect(await world.counted()).toBe(1)
})
