import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { MessageCounter } from '../../src/gateway/costs/message-counter.ts'
import {
  anAccess,
  anUpstream,
  aQuota,
  aSecret,
  aWorld,
  call,
  METERED,
  withQuotas,
} from './harness.ts'
import { talk } from './wire.ts'

/** An API that sends every message back. */
async function anEcho(): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
  onTestFinished(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Takes connections and never says a word. */
async function aSilentServer(): Promise<{ url: string; sockets: ReadonlySet<net.Socket> }> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => void sockets.add(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets }
}

const HANDSHAKE = [
  'GET /live HTTP/1.1',
  'Host: api.test',
  `Authorization: Bearer ${aSecret()}`,
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n')

async function connect(world: { gateway: { url: string } }): Promise<WebSocket> {
  const socket = new WebSocket(`${world.gateway.url.replace('http', 'ws')}/live`, {
    headers: { authorization: `Bearer ${aSecret()}` },
  })
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  return socket
}

async function says(socket: WebSocket, text: string): Promise<string> {
  socket.send(text)
  const [answer] = (await once(socket, 'message')) as [Buffer]
  return answer.toString()
}

const perMessage = {
  ...METERED,
  policy: {
    meters: { requests: '0' },
    costs: [
      {
        meterKey: 'requests',
        source: { kind: 'websocket_messages' as const },
        factor: '0.5',
        estimate: '1',
      },
    ],
  },
}

test('a WebSocket passes both ways and is billed as one call', async () => {
  const world = await aWorld({ upstream: await anEcho() })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(10))))

  const socket = await connect(world)
  const heard = [await says(socket, 'one'), await says(socket, 'x'.repeat(70_000))]

  expect(heard.map(({ length }) => length)).toEqual([3, 70_000])
  expect(await world.counted()).toBe(1)
})

test('a WebSocket billed by message pays for each, in both directions, while it lasts', async () => {
  const world = await aWorld({ upstream: await anEcho(), routes: [perMessage] })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(1_000))))

  const socket = await connect(world)
  for (let i = 0; i < 5; i++) await says(socket, `message ${i}`)

  await expect.poll(() => world.counted(), { timeout: 10_000 }).toBe(5)
  await says(socket, 'x'.repeat(70_000))
  socket.close()
  await expect.poll(() => world.counted(), { timeout: 10_000 }).toBe(6)
})

test('a WebSocket ends when what was bought is used up', async () => {
  const world = await aWorld({ upstream: await anEcho(), routes: [perMessage] })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(3))))

  const socket = await connect(world)
  const closed = once(socket, 'close') as Promise<[number]>
  const talking = setInterval(() => socket.send('more'), 50)
  onTestFinished(() => clearInterval(talking))

  expect((await closed)[0]).toBe(1008)
})

test.each([
  ['its key is revoked', 'key_revoked'],
  ['its customer is suspended', 'customer_suspended'],
] as const)('a WebSocket ends within a second or two when %s', async (_, code) => {
  const world = await aWorld({ upstream: await anEcho() })
  world.access.put(aSecret(), anAccess())
  const socket = await connect(world)
  const closed = once(socket, 'close') as Promise<[number]>
  await says(socket, 'before')

  world.access.put(
    aSecret(),
    anAccess(1, {
      timeline: [{ from: 0, decision: { kind: 'refused', code, params: {}, actions: [] } }],
    }),
  )

  expect((await closed)[0]).toBe(1008)
})

test('a WebSocket goes on while its key cannot be looked up, and under the terms of a new plan', async () => {
  const world = await aWorld({ upstream: await anEcho(), routes: [perMessage] })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(1_000))))
  const socket = await connect(world)
  const nextLook = async () => {
    const before = world.access.lookUps
    await expect.poll(() => world.access.lookUps, { timeout: 5_000 }).toBeGreaterThan(before)
  }

  world.access.failure = new Error('connection refused')
  world.access.say({ kind: 'customer', mode: 'test', customerId: 'customer_1' })
  await nextLook()
  expect(await says(socket, 'still here')).toBe('still here')
  world.access.failure = null
  world.access.put(
    aSecret(),
    anAccess(1, { subscriptionId: 'subscription_2', ...withQuotas(aQuota(1_000)) }),
  )
  await nextLook()
  await expect
    .poll(async () => (await says(socket, 'more')) && world.counted(2), { timeout: 10_000 })
    .toBeGreaterThan(0)
})

test('a gateway that stops says so to its WebSockets, and does not wait for them', async () => {
  const world = await aWorld({ upstream: await anEcho() })
  world.access.put(aSecret(), anAccess())
  const socket = await connect(world)
  const closed = once(socket, 'close') as Promise<[number]>
  await says(socket, 'hello')
  const startedAt = Date.now()

  await world.gateway.close()

  expect((await closed)[0]).toBe(1001)
  expect(Date.now() - startedAt).toBeLessThan(10_000)
})

test('an upstream that is not there is 503 for a WebSocket too, one that is silent 504', async () => {
  const silent = await aSilentServer()
  const world = await aWorld({ upstream: 'http://127.0.0.1:1' })
  world.access.put(aSecret(), anAccess())
  const route = { ...METERED, policy: { ...METERED.policy, timeoutMs: 200 } }
  const ask = () => talk(world, HANDSHAKE, { until: /upstream_/, waitMs: 3_000 })

  const gone = await ask()
  world.route([route], [{ key: 'api', url: silent.url }])
  const late = await ask()

  expect(gone).toMatch(/^HTTP\/1.1 503[^]*upstream_unavailable/)
  expect(late).toMatch(/^HTTP\/1.1 504[^]*upstream_timeout/)
  expect(await world.counted()).toBe(0)
})

test('a WebSocket is asked of the next target when one is gone', async () => {
  const targets = [{ url: 'http://127.0.0.1:1' }, { url: await anEcho() }]
  const world = await aWorld({ upstreams: [{ key: 'api', targets, policy: { breaker: null } }] })
  world.access.put(aSecret(), anAccess())

  const heard = []
  for (const text of ['one', 'two']) heard.push(await says(await connect(world), text))

  expect(heard).toEqual(['one', 'two'])
})

test('a client that leaves while its WebSocket tries a target that rests leaves the target free', async () => {
  const silent = await aSilentServer()
  const policy = { breaker: { failures: 1, openMs: 100 }, retries: 0 }
  const world = await aWorld({
    upstreams: [{ key: 'api', url: silent.url, policy }],
    routes: [{ ...METERED, policy: { timeoutMs: 200 } }],
  })
  world.access.put(aSecret(), anAccess())
  expect((await call(world, '/')).status).toBe(504)
  // The breaker is open; after its rest the WebSocket is the one that tries.
  const before = silent.sockets.size
  const tries = async () => {
    await talk(world, HANDSHAKE, { until: /503/, waitMs: 50 })
    return silent.sockets.size
  }
  await expect.poll(tries, { timeout: 5_000 }).toBeGreaterThan(before)

  await expect.poll(async () => (await call(world, '/')).status, { timeout: 5_000 }).toBe(504)
})

test('what only the gateway may say it says alone, to WebSockets and to those who are declined', async () => {
  const forged = ['X-Request-Id: forged', 'X-Quota-Used: 999']
  const upstream = await anUpstream((_, response) => {
    response.writeHead(426, { 'x-request-id': 'forged', 'x-quota-used': '999' }).end('declined')
  })
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(10))))
  const declined = await talk(world, HANDSHAKE, { until: /declined/ })
  upstream.server.on('upgrade', (_request, socket) => {
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket']
    socket.end([...lines, ...forged, '', 'switched'].join('\r\n'))
  })

  const switched = await talk(world, HANDSHAKE, { until: /switched/ })

  for (const text of [declined, switched]) {
    expect(text).not.toMatch(/forged|999/)
    expect(text.match(/x-request-id/gi)).toHaveLength(1)
  }
  expect(switched).toMatch(/Upgrade: websocket/)
})

test.each(['GET / HTTP/1.1', 'CONNECT api.test:443 HTTP/1.1'])(
  'who is refused and stays is left alone: %s',
  async (line) => {
    const world = await aWorld({ upstream: 'http://127.0.0.1:1' })
    const socket = net.connect({
      port: Number(new URL(world.gateway.url).port),
      allowHalfOpen: true,
    })
    onTestFinished(() => void socket.destroy())
    socket.resume()
    const gone = once(socket, 'error')
    socket.write(`${line}\r\nHost: api.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
    await once(socket, 'end')

    const talking = setInterval(() => socket.write('x'), 100)
    onTestFinished(() => clearInterval(talking))

    expect(String((await gone)[0])).toMatch(/ECONNRESET|EPIPE/)
  },
)

test('messages are counted alike however their bytes are split', () => {
  const text = (first: number, payload: number) =>
    Buffer.concat([Buffer.from([first, payload]), Buffer.alloc(payload)])
  const long = Buffer.concat([Buffer.from([0x82, 0xfe, 0x01, 0x00, 1, 2, 3, 4]), Buffer.alloc(256)])
  // A message, one of two fragments with a ping between them, a masked long one, a close.
  const bytes = Buffer.concat([
    text(0x81, 5),
    text(0x01, 3),
    text(0x89, 2),
    text(0x80, 0),
    long,
    text(0x88, 2),
  ])

  for (const size of [1, 2, 3, 7, 100, bytes.length]) {
    const counter = new MessageCounter()
    for (let at = 0; at < bytes.length; at += size) counter.read(bytes.subarray(at, at + size))
    expect(counter.take()).toBe(3)
  }
})

test.each([
  ['h2c', 'GET'],
  ['TLS/1.0', 'GET'],
  ['websocket, h2c', 'GET'],
  ['websocket', 'POST'],
])(
  'an upgrade to %s by %s is refused, and never reaches the upstream',
  async (protocol, method) => {
    const upstream = await anUpstream()
    upstream.server.on('upgrade', (_request, socket) => {
      upstream.seen.push('upgrade')
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
    })
    const world = await aWorld({ upstream: upstream.url })
    world.access.put(aSecret(), anAccess(1))

    const answer = await call(world, '/', {
      method,
      agent: false,
      headers: { connection: 'Upgrade', upgrade: protocol },
    })

    expect(answer.status).toBe(400)
    expect(answer.problem).toMatchObject({ code: 'upgrade_refused' })
    expect(upstream.seen).toEqual([])
    expect(await world.counted()).toBe(0)
  },
)
