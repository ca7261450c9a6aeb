/** What is measured, alone in its process: `node server.ts simulator` or `node server.ts bare`. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startSimulator } from '../../src/simulator/simulator.ts'
import type { Answer, Question } from './process.ts'

/** About as many fields as a customer has. */
const FIELDS = Array.from({ length: 24 }, (_, index) => [`field_${index}`, null] as const)

const url = process.argv[2] === 'bare' ? await startBareServer() : await startTheSimulator()
send({ type: 'started', url })

// A run that is cut off leaves no server behind.
process.on('disconnect', () => process.exit(0))
process.on('message', (question: Question) => {
  if (question.type === 'stop') process.exit(0)
  if (question.collects) globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  const { heapUsed, rss } = process.memoryUsage()
  send({ type: 'usage', cpuMs: (user + system) / 1_000, heapBytes: heapUsed, rssBytes: rss })
})

async function startTheSimulator(): Promise<string> {
  const simulator = await startSimulator({
    host: '127.0.0.1',
    port: 0,
    data: 'memory',
    seed: 'bench',
    settings: { meterLagMs: 0 },
  })
  return simulator.url
}

/** The least a Node server with Stripe's answers can do: read the request, write an indented object. */
async function startBareServer(): Promise<string> {
  const customer = { id: 'cus_1', object: 'customer', metadata: {}, ...Object.fromEntries(FIELDS) }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const name = new URLSearchParams(Buffer.concat(chunks).toString('utf8')).get('name')
      const body = JSON.stringify({ ...customer, name }, null, 2)
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      })
      response.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function send(answer: Answer): void {
  process.send?.(answer)
}
