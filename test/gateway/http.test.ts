import { createHash, randomBytes } from 'node:crypto'
import type http from 'node:http'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { anAccess, anUpstream, aSecret, aWorld, type World } from './harness.ts'
import { head, hideHandles, type Lane, talk } from './wire.ts'

/** An API that does everything HTTP allows, by path. */
function api(request: http.IncomingMessage, response: http.ServerResponse): void {
  const path = request.url ?? ''
  if (path.startsWith('/id/')) response.end(`id=${path.slice(4)}`)
  else if (path === '/echo') request.pipe(response)
  else if (path === '/204') response.writeHead(204).end()
  else if (path === '/304') response.writeHead(304, { etag: '"x"' }).end()
  else if (path === '/chunks') {
    response.write('aaa')
    setTimeout(() => response.write('bbb'), 5)
    setTimeout(() => response.end('ccc'), 10)
  } else if (path === '/trailers') {
    response.writeHead(200, { trailer: 'x-sum' })
    response.write('body')
    response.addTrailers({ 'x-sum': '42' })
    response.end()
  } else if (path === '/hints') {
    response.writeEarlyHints({ link: '</a>; rel=preload' }, () => response.end('after hints'))
  } else if (path === '/large') response.end(LARGE)
  else if (path === '/sum') {
    void sumSlowly(request).then((sum) => response.end(sum))
  } else if (path === '/fields') response.end(JSON.stringify(request.rawHeaders))
  else if (path === '/until-close') {
    request.socket.end('HTTP/1.0 200 OK\r\n\r\nuntil close')
  } else if (path === '/never') request.on('close', () => undefined)
  else response.end('root')
}

const LARGE = randomBytes(6_000_000)

function sumOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function sumSlowly(body: AsyncIterable<Buffer>): Promise<string> {
  const sum = createHash('sha256')
  await sleep(200)
  for await (const part of body) sum.update(part)
  return sum.digest('hex')
}

/** The body of an answer as long as `LARGE`, of which nothing is read at first. */
async function readLate({ gateway }: World, request: string): Promise<Buffer> {
  const { hostname, port } = new URL(gateway.url)
  const socket = net.connect(Number(port), hostname)
  socket.write(request, 'latin1')
  await sleep(200)
  let answer = Buffer.alloc(0)
  for await (const part of socket) {
    answer = Buffer.concat([answer, part as Buffer])
    const start = answer.indexOf('\r\n\r\n') + 4
    if (start > 3 && answer.length >= start + LARGE.length) return answer.subarray(start)
  }
  return answer
}

const WAYS: readonly { way: string; lane: Lane; areHandlesKnown: boolean }[] = [
  { way: 'the fast lane', lane: 'fast', areHandlesKnown: true },
  { way: 'the fast lane of a Node with other handles', lane: 'fast', areHandlesKnown: false },
  { way: 'the slow lane', lane: 'slow', areHandlesKnown: true },
]

async function aPlace(handler: http.RequestListener = api): Promise<World & { seen: string[] }> {
  const upstream = await anUpstream(handler)
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(), anAccess())
  return { ...world, seen: upstream.seen }
}

describe.each(WAYS)('in $way', ({ lane, areHandlesKnown }) => {
  beforeEach(() => {
    if (!areHandlesKnown) hideHandles()
  })

  test('pipelined requests are answered in order', async () => {
    const world = await aPlace()
    const requests = ['a', 'b', 'c'].map((id) => head(lane, `GET /id/${id}`)).join('')

    const text = await talk(world, requests, { until: /id=c/ })

    expect(text).toMatch(/id=a[^]*id=b[^]*id=c/)
  })

  test('a head that comes byte by byte is read like any other', async () => {
    const world = await aPlace()

    const text = await talk(world, head(lane, 'GET /id/z').split(''), { gapMs: 1, until: /id=z/ })

    expect(text).toMatch(/^HTTP\/1.1 200[^]*id=z/)
  })

  test('bodies pass in one piece, in several, and in chunks', async () => {
    const world = await aPlace()
    const length = head(lane, 'POST /echo', 'Content-Length: 6')
    const chunked = head(lane, 'POST /echo', 'Transfer-Encoding: chunked')

    const whole = await talk(world, `${length}abcdef`, { until: /abcdef/ })
    const split = await talk(world, [`${length}abc`, 'def'], { gapMs: 20, until: /def/ })
    const chunks = await talk(world, [chunked, '3\r\nabc\r\n', '3\r\ndef\r\n0\r\n\r\n'], {
      gapMs: 5,
      until: /0\r\n\r\n$/,
    })

    expect(whole).toContain('abcdef')
    expect(split.replaceAll(/\r\n\d\r\n/g, '')).toMatch(/abc\s*(?:3\s*)?def/)
    expect(chunks).toMatch(/abc[^]*def/)
  })

  test('large bodies pass whole, however late the other side takes them', async () => {
    const world = await aPlace()
    const upload = head(lane, 'POST /sum', `Content-Length: ${LARGE.length}`)

    const answer = await talk(world, [upload, LARGE.toString('latin1')], {
      until: /[0-9a-f]{64}$/,
      waitMs: 20_000,
    })
    const download = await readLate(world, head(lane, 'GET /large'))

    expect(answer.slice(-64)).toBe(sumOf(LARGE))
    expect(sumOf(download)).toBe(sumOf(LARGE))
  })

  test('HEAD, 204 and 304 leave the connection usable', async () => {
    const world = await aPlace()
    const requests = ['HEAD /id/h', 'GET /204', 'GET /304', 'GET /id/after']
      .map((line) => head(lane, line))
      .join('')

    const text = await talk(world, requests, { until: /id=after/ })

    expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(
      ['200', '204', '304', '200'].map((s) => `HTTP/1.1 ${s}`),
    )
    expect(text).not.toContain('id=h')
  })

  test('a chunked answer arrives whole and the connection is used again', async () => {
    const world = await aPlace()

    const text = await talk(world, head(lane, 'GET /chunks') + head(lane, 'GET /id/2'), {
      until: /id=2/,
    })

    expect(text).toMatch(/aaa[^]*bbb[^]*ccc[^]*id=2/)
  })

  test('trailers of an answer reach the client', async () => {
    const world = await aPlace()

    const text = await talk(world, head(lane, 'GET /trailers'), { until: /x-sum: 42\r\n\r\n/i })

    expect(text).toMatch(/body\r\n0\r\nx-sum: 42\r\n\r\n$/i)
  })

  test('early hints come before the answer and do not break it', async () => {
    const world = await aPlace()

    const text = await talk(world, head(lane, 'GET /hints'), { until: /after hints/ })

    expect(text).toMatch(/^HTTP\/1.1 103[^]*preload[^]*HTTP\/1.1 200[^]*after hints$/)
  })

  test('an answer that ends with its connection ends the client’s too, or is chunked', async () => {
    const world = await aPlace()

    const text = await talk(world, head(lane, 'GET /until-close'), { until: /0\r\n\r\n$/ })

    expect(text).toMatch(/Connection: close|Transfer-Encoding: chunked/i)
    expect(text).toContain('until close')
  })

  test('hop-by-hop fields end here, and those named in Connection', async () => {
    const world = await aPlace()
    const request = [
      'GET /fields HTTP/1.1',
      'Host: x',
      `Authorization: Bearer ${aSecret()}`,
      'Connection: keep-alive, X-Secret',
      'X-Secret: 1',
      'Keep-Alive: timeout=9',
      'TE: trailers',
      'Proxy-Connection: keep-alive',
      'X-Keep: 2',
      '',
      '',
    ].join('\r\n')

    const text = await talk(world, request, { until: /\]$/ })

    expect(text).not.toMatch(/X-Secret","1|timeout=9|"TE"|Proxy-Connection/i)
    expect(text).toContain('"X-Keep","2"')
  })

  test('credentials stay here, and what only the gateway may say is said by it alone', async () => {
    const world = await aPlace()
    const forged = [
      'X-Customer-Id: customer_9',
      'x-user-plan: enterprise',
      'X-Entitlement-Seats: 99',
      'X-Subscription-Id: s',
      'X-User-ID: u',
      'X-Request-Id: mine',
      'X-Forwarded-For: 1.2.3.4',
      'X-Forwarded-Proto: https',
      'Forwarded: for=1.2.3.4',
      'X-Real-IP: 1.2.3.4',
    ]

    const text = await talk(world, head(lane, 'GET /fields', ...forged), { until: /\]$/ })

    const fields = JSON.parse(text.slice(text.indexOf('['))) as string[]
    const value = (name: string) =>
      fields.filter((_, i) => i % 2 === 1 && fields[i - 1]?.toLowerCase() === name)
    expect(text).not.toContain(aSecret())
    expect(value('x-customer-id')).toEqual(['customer_1'])
    expect(value('x-user-plan')).toEqual(['pro'])
    expect(value('x-forwarded-for')).toEqual(['127.0.0.1'])
    expect(value('x-forwarded-proto')).toEqual(['http'])
    expect(value('x-forwarded-host')).toEqual(['api.test'])
    expect(value('x-request-id')).toEqual([/x-request-id: (\S+)/i.exec(text)?.[1]])
    for (const name of [
      'x-entitlement-seats',
      'x-subscription-id',
      'x-user-id',
      'forwarded',
      'x-real-ip',
      'authorization',
    ]) {
      expect(value(name), name).toEqual([])
    }
  })

  test('names with an underscore say nothing that the same name with a hyphen may not', async () => {
    const world = await aPlace()
    const forged = ['X_Customer_Id: forged', 'X-User_Plan: forged', 'X_Entitlement_Seats: forged']
    const framing = ['Content_Length: 7', 'Transfer_Encoding: chunked']

    const text = await talk(
      world,
      head(lane, 'GET /fields', ...forged, ...framing, 'X_Own: 1', 'my_field: 2'),
      { until: /\]$/ },
    )

    expect(text).not.toMatch(/forged|content_length|transfer_encoding/i)
    expect(text).toContain('"X_Own","1","my_field","2"')
  })

  test('an upstream that stops half-way through an answer is never taken for complete', async () => {
    const world = await aPlace((request, response) => {
      response.writeHead(200, { 'content-length': 10 })
      response.write('half')
      setTimeout(() => request.socket.destroy(), 20)
    })

    const text = await talk(world, head(lane, 'GET /half'))

    expect(text).toMatch(/half$/)
    expect(await world.counted()).toBe(1)
  })

  test('an answer that is no HTTP is 502, and not billed', async () => {
    const world = await aPlace()
    const broken = net.createServer((socket) =>
      socket.on('data', () => socket.end('HTTP/9.9 hello\r\n\r\n')),
    )
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve))
    const { port } = broken.address() as net.AddressInfo
    world.route(
      [
        {
          key: 'all',
          match: { kind: 'prefix', path: '/' },
          upstreamKey: 'b',
          policy: { meters: { requests: '1' } },
        },
      ],
      [{ key: 'b', url: `http://127.0.0.1:${port}` }],
    )

    const text = await talk(world, head(lane, 'GET /'), { until: /upstream_failed/ })
    broken.close()

    expect(text).toMatch(/^HTTP\/1.1 502/)
    expect(await world.counted()).toBe(0)
  })

  test('an upstream that is not there is 503, and one that is silent 504', async () => {
    const world = await aPlace()
    const route = (upstreamKey: string) =>
      [
        {
          key: 'all',
          match: { kind: 'prefix', path: '/' },
          upstreamKey,
          policy: { meters: { requests: '1' }, timeoutMs: 200 },
        },
      ] as const
    world.route(route('gone'), [{ key: 'gone', url: 'http://127.0.0.1:1' }])
    const gone = await talk(world, head(lane, 'GET /'), { until: /upstream_/ })
    const silent = net.createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as net.AddressInfo
    world.route(route('silent'), [{ key: 'silent', url: `http://127.0.0.1:${port}` }])

    const late = await talk(world, head(lane, 'GET /'), { until: /upstream_/, waitMs: 3_000 })
    silent.close()

    expect(gone).toMatch(/^HTTP\/1.1 503[^]*upstream_unavailable/)
    expect(late).toMatch(/^HTTP\/1.1 504[^]*upstream_timeout/)
    expect(await world.counted()).toBe(0)
  })

  test('a client that leaves takes its request to the upstream with it', async () => {
    let closed = 0
    const world = await aPlace((request, response) => {
      response.on('close', () => closed++)
      if (request.url === '/stream') response.write('first')
    })

    await talk(world, head(lane, 'GET /never'), { waitMs: 100 })
    await talk(world, head(lane, 'GET /stream'), { until: /first/ })

    await expect.poll(() => closed).toBe(2)
  })

  test('events of a stream arrive one by one, not at its end', async () => {
    const world = await aPlace((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
    })

    const text = await talk(world, head(lane, 'GET /sse'), { until: /data: 1/, waitMs: 2_000 })

    expect(text).toContain('data: 1\n\n')
  })

  test('a refusal while the client is still sending can be read, and ends the connection', async () => {
    const world = await aPlace()
    const request = head(lane, 'POST /echo', 'Content-Length: 100000').replace(
      'Bearer ',
      'Bearer x',
    )

    const text = await talk(world, [request + 'x'.repeat(1_000), 'y'.repeat(1_000)], { gapMs: 20 })

    expect(text).toMatch(/^HTTP\/1.1 401[^]*connection: close[^]*invalid_api_key/i)
    expect(world.seen).toEqual([])
  })
})

test('Expect: 100-continue is answered once the request is admitted, and not before', async () => {
  const world = await aPlace()
  const request = head('fast', 'POST /echo', 'Expect: 100-continue', 'Content-Length: 3')

  const admitted = await talk(world, [request, 'xyz'], { gapMs: 60, until: /xyz/ })
  const refused = await talk(world, request.replace('Bearer ', 'Bearer x'), { until: /invalid/ })

  expect(admitted).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200[^]*xyz/)
  expect(refused).toMatch(/^HTTP\/1.1 401/)
})

test('bytes an upstream pushes on an idle connection never reach a client', async () => {
  const world = await aPlace((request, response) => {
    response.end('first')
    response.on('finish', () =>
      setTimeout(
        () => request.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nPOISON'),
        5,
      ),
    )
  })

  for (let i = 0; i < 10; i++) {
    const text = await talk(world, head('fast', `GET /${i}`), { until: /first|POISON/ })
    expect(text).not.toContain('POISON')
    await new Promise((resolve) => setTimeout(resolve, 8))
  }
})

test('an upstream that closes idle connections fails no GET', async () => {
  const world = await aPlace((request, response) => {
    response.end('bye')
    response.on('finish', () => setImmediate(() => request.socket.destroy()))
  })
  const requests = Array.from({ length: 200 }, () => head('fast', 'GET /')).join('')

  const text = await talk(world, requests, {
    waitMs: 5_000,
    until: (all) => all.split('bye').length > 200,
  })

  expect(text.match(/HTTP\/1.1 200/g)).toHaveLength(200)
  expect(await world.counted()).toBe(200)
})

test('thousands of pipelined refusals neither overflow nor outrun a client that reads', async () => {
  const world = await aPlace()
  const requests = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5_000)

  const text = await talk(world, requests, {
    waitMs: 5_000,
    until: (all) => all.split('"requestId"').length > 5_000,
  })

  expect(text.match(/HTTP\/1.1 401/g)).toHaveLength(5_000)
})

test('pipelined requests are over when their client leaves, also those that wait behind another', async () => {
  const world = await aPlace()
  const requests = head('slow', 'GET /never') + head('slow', 'GET /large').repeat(2)
  await talk(world, requests, { waitMs: 200 })
  const startedAt = Date.now()

  await world.gateway.close()

  expect(Date.now() - startedAt).toBeLessThan(10_000)
})
