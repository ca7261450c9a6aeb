/**
 * How fast the simulator is: `npm run bench:simulator`, or `-- --seconds 2` for a quick look. Everything runs against
 * fresh processes on this machine; the bare server in the same run says what the machine can do.
 */
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { type Call, load, type Throughput } from './load.ts'
import { startServer } from './process.ts'
import { simulateYear } from './year.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    idle: { type: 'string', default: '60' },
  },
})
const seconds = Number(values.seconds)
const idleSeconds = Number(values.idle)

const GOAL_PER_CORE_SECOND = 1_500
const GOAL_YEAR_SECONDS = 10
const SUBSCRIPTIONS = 100

const failures: string[] = []
const SIMPLE = new Set(['retrieve a customer', 'create a customer', 'list ten customers'])
const createCustomer = (n: number): Call => ({
  method: 'POST',
  path: '/v1/customers',
  body: `name=Customer+${n}&email=c${n}%40example.com&metadata[n]=${n}`,
})

console.log(
  `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}\n`,
)

await measureCalls()
await measureYear()
await measureIdling()
for (const failure of failures) console.log(`MISSED: ${failure}`)
process.exitCode = failures.length === 0 ? 0 : 1

async function measureCalls(): Promise<void> {
  const bare = await startServer('bare')
  const simulator = await startServer('simulator')
  const id = await prepare(simulator.url)
  const calls: Readonly<Record<string, (n: number) => Call>> = {
    'retrieve a customer': () => ({ method: 'GET', path: `/v1/customers/${id}` }),
    'create a customer': createCustomer,
    'list ten customers': () => ({ method: 'GET', path: '/v1/customers?limit=10' }),
    'report usage': (n) => ({
      method: 'POST',
      path: '/v1/billing/meter_events',
      body: `event_name=calls&payload[stripe_customer_id]=${id}&payload[value]=${n % 100}`,
    }),
    'create and confirm a payment': () => ({
      method: 'POST',
      path: '/v1/payment_intents',
      body: 'amount=2000&currency=usd&payment_method=pm_card_visa&confirm=true&return_url=https%3A%2F%2Fexample.com',
    }),
  }
  console.log(
    '| call | calls/s | per core second | bare server just before | ratio | p50 ms | p99 ms |',
  )
  console.log('|---|--:|--:|--:|--:|--:|--:|')
  for (const [name, call] of Object.entries(calls)) {
    const base = await load(bare, createCustomer, { seconds: seconds / 2 })
    const result = await load(simulator, call, { seconds })
    print(name, result, base)
    if (SIMPLE.has(name) && result.perCoreSecond < GOAL_PER_CORE_SECOND) {
      failures.push(`${name}: ${Math.round(result.perCoreSecond)} per core second`)
    }
  }
  await simulator.stop()
  await bare.stop()
}

/** A customer to ask for, and a meter that takes usage. */
async function prepare(url: string): Promise<string> {
  const post = async (path: string, body: string): Promise<{ readonly id: string }> => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { Authorization: 'Bearer sk_test_bench' },
      body: new URLSearchParams(body),
    })
    return (await response.json()) as { readonly id: string }
  }
  await post(
    '/v1/billing/meters',
    'display_name=Calls&event_name=calls&default_aggregation[formula]=sum',
  )
  return (await post('/v1/customers', 'name=Known')).id
}

function print(name: string, result: Throughput, base: Throughput): void {
  const cells = [
    name,
    Math.round(result.perSecond),
    Math.round(result.perCoreSecond),
    Math.round(base.perCoreSecond),
    (result.perCoreSecond / base.perCoreSecond).toFixed(2),
    result.p50Ms.toFixed(2),
    result.p99Ms.toFixed(2),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}

async function measureYear(): Promise<void> {
  const simulator = await startServer('simulator')
  const year = await simulateYear(simulator, SUBSCRIPTIONS)
  await simulator.stop()
  console.log(
    `\nA year of ${SUBSCRIPTIONS} monthly subscriptions on test clocks: ${year.seconds.toFixed(1)} s (${year.cpuSeconds.toFixed(1)} s of processor time), ${year.invoices} paid invoices, ${year.events} events.`,
  )
  if (year.seconds > GOAL_YEAR_SECONDS) failures.push(`a year took ${year.seconds.toFixed(1)} s`)
}

async function measureIdling(): Promise<void> {
  const simulator = await startServer('simulator')
  await load(simulator, createCustomer, { seconds: Math.min(seconds, 3) })
  const before = await simulator.usage(true)
  await new Promise((resolve) => setTimeout(resolve, idleSeconds * 1_000))
  const after = await simulator.usage(true)
  await simulator.stop()
  const grownKb = (after.heapBytes - before.heapBytes) / 1_024
  console.log(
    `\n${idleSeconds} s of idling: the heap went from ${megabytes(before.heapBytes)} to ${megabytes(after.heapBytes)} MB; ${(after.cpuMs - before.cpuMs).toFixed(0)} ms of processor time.`,
  )
  if (grownKb > 256) failures.push(`the heap grew by ${grownKb.toFixed(0)} KB while idling`)
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
