import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import http2 from 'node:http2'
import net from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { anAccess, anUpstream, aSecret, aWorld, type TestUpstream } from '../../gateway/harness.ts'
import { head, type Lane } from '../../gateway/wire.ts'

const CERTIFICATES = join(import.meta.dirname, '../../gateway/certificates')
const tls = {
  certificate: join(CERTIFICATES, 'one.cert.pem'),
  key: join(CERTIFICATES, 'one.key.pem'),
}
const LARGE = randomBytes(32_000_000)
/** Longer than anybody may stall, with a margin for a busy machine. */
const PATIENCE_MS = 60_000 + 15_000

/** An API that answers with a lot, or takes what is sent; and tells who is gone without having had it all. */
async function anApi(): Promise<TestUpstream & { brokenOff: Set<string> }> {
  const brokenOff = new Set<string>()
  const upstream = await anUpstream((request, response) => {
    const path = request.url ?? ''
    response.on('close', () => {
      if (!response.writableFinished) brokenOff.add(path)
    })
    if (path.startsWith('/take')) request.resume().on('end', () => response.end())
    else if (path.startsWith('/think')) setTimeout(() => response.end('late'), PATIENCE_MS)
    else response.end(LARGE)
  })
  return { ...upstream, brokenOff }
}

/** Sends the text, and neither reads nor sends anything more. */
function stalled(url: URL, text: string): void {
  const socket = net.connect(Number(url.port), url.hostname)
  socket.pause()
  socket.on('error', () => undefined)
  socket.write(text, 'latin1')
  onTestFinished(() => void socket.destroy())
}

async function answerOf(url: URL, text: string): Promise<string> {
  const socket = net.connect(Number(url.port), url.hostname)
  onTestFinished(() => void socket.destroy())
  socket.write(text, 'latin1')
  let answer = ''
  for await (const part of socket) {
    answer += String(part)
    if (answer.includes('late')) break
  }
  return answer
}

const LANES: readonly Lane[] = ['fast', 'slow']

// All at once, because it takes as long as the patience of a gateway.
test('clients that take or send nothing more are given up in every lane and protocol, those that wait for the upstream are not', async () => {
  const api = await anApi()
  const route = { key: 'all', match: { kind: 'prefix', path: '/' }, upstreamKey: 'api' } as const
  const routes = [{ ...route, policy: { timeoutMs: 2 * PATIENCE_MS } }]
  const plain = await aWorld({ upstream: api.url, routes })
  const secure = await aWorld({ upstream: api.url, routes, tls })
  for (const { access } of [plain, secure]) access.put(aSecret(), anAccess())
  const url = new URL(plain.gateway.url)
  for (const lane of LANES) {
    stalled(url, head(lane, `GET /give-${lane}`))
    stalled(url, `${head(lane, `POST /take-${lane}`, 'Content-Length: 10')}half`)
  }
  const session = () => {
    const opened = http2.connect(secure.gateway.url, { ca: readFileSync(tls.certificate) })
    opened.on('error', () => undefined)
    onTestFinished(() => opened.destroy())
    return opened
  }
  const authorization = `Bearer ${aSecret()}`
  const given = session().request({ ':path': '/give-http2', authorization })
  given.on('error', () => undefined).pause()
  const taking = { ':path': '/take-http2', ':method': 'POST', authorization }
  const sent = session().request(taking, { endStream: false })
  sent.on('error', () => undefined).write('half')
  const late = LANES.map((lane) => answerOf(url, head(lane, `GET /think-${lane}`)))

  await sleep(PATIENCE_MS / 2)
  expect([...api.brokenOff]).toEqual([])

  const ways = ['fast', 'slow', 'http2']
  const all = ways.flatMap((way) => [`/give-${way}`, `/take-${way}`]).toSorted()
  await expect
    .poll(() => [...api.brokenOff].toSorted(), { timeout: 2 * PATIENCE_MS, interval: 500 })
    .toEqual(all)
  for (const answer of await Promise.all(late)) expect(answer).toMatch(/^HTTP\/1.1 200[^]*late/)
})
