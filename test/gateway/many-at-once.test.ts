import { createHash } from 'node:crypto'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createRandom } from './fuzz.ts'
import { anAccess, anUpstream, aSecret, aWorld, type World } from './harness.ts'

const CLIENTS = 24
const REQUESTS = 12
const SIZES = [0, 1, 200, 5_000, 16_384, 70_000, 400_000]

/** Bytes nobody else sends. */
function bodyOf(id: string, size: number): Buffer {
  const seed = createHash('sha256').update(id).digest()
  return Buffer.alloc(size, seed)
}

/** Answers with what it was sent, in one piece or in several, sooner or later. */
async function echo(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const body = Buffer.concat(parts)
  const [way = 0, delay = 0] = createHash('sha256').update(String(request.url)).digest()
  if (delay % 2 === 0) await sleep(delay % 7)
  if (way % 3 > 0) response.setHeader('content-length', body.length)
  if (way % 3 === 1) response.end(body)
  else {
    response.write(body.subarray(0, body.length / 2))
    if (way % 2 === 0) await sleep(1)
    response.end(body.subarray(body.length / 2))
  }
}

/** What came back; undefined when the client left before. */
function send(
  world: World,
  agent: http.Agent,
  id: string,
  random: () => number,
): Promise<Buffer | undefined> {
  const body = bodyOf(id, SIZES[Math.floor(random() * SIZES.length)] ?? 0)
  const leavesAfterMs = random() < 0.1 ? random() * 8 : undefined
  const cut = Math.floor(random() * body.length)
  const gapMs = random() < 0.3 ? random() * 4 : undefined
  return new Promise((resolve, reject) => {
    let hasLeft = false
    const request = http.request(`${world.gateway.url}/${id}`, {
      agent,
      method: 'POST',
      headers: { authorization: `Bearer ${aSecret()}`, 'content-length': body.length },
    })
    request.on('error', (error) => (hasLeft ? resolve(undefined) : reject(error)))
    request.on('response', (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', () => resolve(undefined))
      response.on('end', () => {
        const answer = Buffer.concat(parts)
        if (response.statusCode !== 200) reject(new Error(answer.toString('utf8')))
        else if (!answer.equals(body)) reject(new Error(`${id} got somebody else's answer`))
        else resolve(answer)
      })
    })
    request.write(body.subarray(0, cut))
    if (gapMs === undefined) request.end(body.subarray(cut))
    else setTimeout(() => request.end(body.subarray(cut)), gapMs)
    if (leavesAfterMs === undefined) return
    setTimeout(() => {
      hasLeft = true
      request.destroy()
    }, leavesAfterMs)
  })
}

test.each(['process', 'power'] as const)(
  'every client gets its own answer, byte for byte, however many come and leave at once (%s)',
  async (durability) => {
    const upstream = await anUpstream((request, response) => {
      // Whose client has left needs no answer.
      echo(request, response).catch(() => response.destroy())
    })
    const world = await aWorld({ upstream: upstream.url, durability })
    world.access.put(aSecret(), anAccess())
    const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS })
    onTestFinished(() => agent.destroy())

    const answers = await Promise.all(
      Array.from({ length: CLIENTS }, async (_, client) => {
        const random = createRandom(client + 1)
        let count = 0
        for (let n = 0; n < REQUESTS; n++) {
          if ((await send(world, agent, `${client}-${n}`, random)) !== undefined) count++
        }
        return count
      }),
    )

    expect(answers.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(CLIENTS * REQUESTS * 0.7)
  },
)
