import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
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
