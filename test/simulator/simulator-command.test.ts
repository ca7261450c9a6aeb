import { Readable } from 'node:stream'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stripe } from 'stripe'
import { afterAll, afterEach, expect, test } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { farebox } from '../support/cli.ts'
import { clientFor, refusal, startReceiver } from './support.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const scratch = mkdtempSync(join(tmpdir(), 'farebox-simulator-'))
const running: Command[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((command) => command.stop()))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

interface Command {
  readonly url: string
  /** As Ctrl-C does; answers the exit code. */
  stop(): Promise<number>
}

/** Runs `farebox simulator` on a free port until it is stopped. */
async function simulator(...flags: readonly string[]): Promise<Command> {
  let out = ''
  let interrupt: (() => void) | undefined
  const ready = Promise.withResolvers<void>()
  const ended = run({
    argv: ['node', 'farebox', 'simulator', '--port', '0', '--json', ...flags],
    env: {},
    stdout: {
      write(text) {
        out += text
        ready.resolve()
      },
    },
    stderr: { write: (text) => ready.reject(new Error(text)) },
    stdin: Readable.from([]),
    cwd: () => '/nonexistent',
    on: (signal, listener) => {
      if (signal === 'SIGINT') interrupt = listener
    },
  })
  await ready.promise
  const command = {
    url: (JSON.parse(out) as { url: string }).url,
    stop() {
      interrupt?.()
      return ended
    },
  }
  running.push(command)
  return command
}

test('it serves an official client as a process of its own, loads nothing of the product, and ends on Ctrl-C', async () => {
  const loaded = join(scratch, 'loaded.json')
  const recorder = `import { registerHooks } from 'node:module'
    import { writeFileSync } from 'node:fs'
    const urls = []
    registerHooks({ load(url, context, next) { urls.push(url); return next(url, context) } })
    process.on('exit', () => writeFileSync(${JSON.stringify(loaded)}, JSON.stringify(urls)))`
  const child = spawn(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(recorder)}`,
      join(ROOT, 'bin', 'farebox.js'),
      'simulator',
      '--port',
      '0',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let out = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    out += String(chunk)
    if (out.includes('Ctrl-C stops it.')) break
  }
  const url = /API +(\S+)/.exec(out)?.[1] ?? ''
  await clientFor(url, 'sk_test_alone').customers.create({ name: 'Ada' })

  const exited = once(child, 'exit')
  child.kill('SIGINT')

  expect(await exited).toEqual([0, null])
  const urls = JSON.parse(readFileSync(loaded, 'utf8')) as string[]
  expect(urls.some((entry) => entry.endsWith('/src/simulator/simulator.ts'))).toBe(true)
  expect(
    urls.filter((entry) =>
      /\/src\/(?:domain|platform|gateway|api|stripe|main\.ts|config\.ts)|\/node_modules\/(?:zod|pg|kysely|better-auth|hono|pino)\//.test(
        entry,
      ),
    ),
  ).toEqual([])
})

test('it says where it is and how to call it from curl, Node, Python and the CLI', async () => {
  const lines: string[] = []
  let interrupt: (() => void) | undefined
  const ready = Promise.withResolvers<void>()
  const ended = run({
    argv: ['node', 'farebox', 'simulator', '--port', '0'],
    env: {},
    stdout: {
      write(text) {
        lines.push(...text.split('\n'))
        ready.resolve()
      },
    },
    stderr: { write: () => true },
    stdin: Readable.from([]),
    cwd: () => '/nonexistent',
    on: (signal, listener) => {
      if (signal === 'SIGTERM') interrupt = listener
    },
  })
  await ready.promise
  const curl = lines.find((line) => line.includes('curl http'))?.trim() ?? ''
  const [, address = '', user = ''] = /curl (http\S+) -u (\S+):/.exec(curl) ?? []
  const answer = await fetch(address, { headers: { Authorization: `Bearer ${user}` } })
  interrupt?.()

  expect(answer.status).toBe(200)
  expect(lines.join('\n')).toContain('in memory, gone at the end; --data <folder> keeps it')
  expect(lines.join('\n')).toMatch(
    /new Stripe\('sk_test_farebox', \{ host: '127\.0\.0\.1', port: \d+/,
  )
  expect(lines.join('\n')).toContain('base_addresses')
  expect(lines.join('\n')).toContain('stripe listen --api-base http://127.0.0.1:')
  expect(await ended).toBe(0)
})

test('a folder keeps everything over a restart, test and live apart', async () => {
  const folder = join(scratch, 'kept', 'deeply')
  const first = await simulator('--data', folder)
  const { id } = await clientFor(first.url, 'sk_test_shop').customers.create({ name: 'Ada' })
  const live = await clientFor(first.url, 'sk_live_shop').customers.create({ name: 'Grace' })
  expect(await first.stop()).toBe(0)

  const { url } = await simulator('--data', folder)

  const found = await clientFor(url, 'sk_test_shop').customers.retrieve(id)
  expect(found).toMatchObject({ id, name: 'Ada', livemode: false })
  const inLive = await clientFor(url, 'sk_live_shop').customers.retrieve(live.id)
  expect(inLive).toMatchObject({ name: 'Grace', livemode: true })
  const events = await clientFor(url, 'sk_test_shop').events.list()
  expect(events.data.map(({ type }) => type)).toEqual(['customer.created'])
})

test('every key opens an account of its own; the live key of the same name is its live mode', async () => {
  const { url } = await simulator()
  const shop = clientFor(url, 'sk_test_shop')
  const { id } = await shop.customers.create({ name: 'Ada' })
  const accountOf = async (key: string) => (await clientFor(url, key).accounts.retrieveCurrent()).id

  expect(await accountOf('sk_live_shop')).toBe(await accountOf('sk_test_shop'))
  expect(await accountOf('sk_test_other')).not.toBe(await accountOf('sk_test_shop'))
  const stranger = await refusal(clientFor(url, 'sk_test_other').customers.retrieve(id))
  expect([stranger.statusCode, stranger.message]).toEqual([404, `No such customer: '${id}'`])
  const wrongMode = await refusal(clientFor(url, 'sk_live_shop').customers.retrieve(id))
  expect(wrongMode.message).toContain('a similar object exists in test mode')
})

test('the same seed gives the same ids', async () => {
  const idsOf = async (seed: string) => {
    const { url } = await simulator('--seed', seed)
    return (await clientFor(url, 'sk_test_shop').customers.create({})).id
  }

  const once = await idsOf('one')

  expect(await idsOf('one')).toBe(once)
  expect(await idsOf('two')).not.toBe(once)
})

test('the webhook endpoint of the command line gets the events of every account, also of one that was stored without', async () => {
  const folder = join(scratch, 'endpoint')
  const before = await simulator('--data', folder)
  await clientFor(before.url, 'sk_test_old').customers.create({ name: 'Ada' })
  await before.stop()
  const receiver = await startReceiver()
  const { url } = await simulator('--data', folder, '--webhook-endpoint', receiver.url)

  await clientFor(url, 'sk_test_old').customers.create({ name: 'Grace' })
  await clientFor(url, 'sk_live_new').customers.create({ name: 'Edith' })
  await fetch(`${url}/_sim/flush`, { method: 'POST' })
  await receiver.close()

  const names = receiver.received.map(({ body }) => {
    const event = JSON.parse(body) as Stripe.Event
    return (event.data.object as Stripe.Customer).name
  })
  expect(new Set(names)).toEqual(new Set(['Edith', 'Grace']))
  expect(names).toHaveLength(2)
})

test('--legacy takes parameters of older versions from a client of today; without it they are refused', async () => {
  const create = async (url: string) => {
    const stripe = clientFor(url, 'sk_test_shop')
    const params = { amount: 500, currency: 'usd', payment_method_types: ['card'] }
    return stripe.paymentIntents.create(params)
  }
  const lenient = await simulator('--legacy')
  const strict = await simulator()

  expect((await create(lenient.url)).amount).toBe(500)
  expect((await refusal(create(strict.url))).code).toBe('payment_method_types_no_longer_supported')
})

test('a taken port, a folder in use and one that cannot be written to are told in two lines, with exit code 1', async () => {
  const folder = join(scratch, 'taken')
  const { url } = await simulator('--data', folder)

  const port = await farebox(undefined, `simulator --port ${new URL(url).port}`)
  const inUse = await farebox(undefined, `simulator --port 0 --data ${folder}`)
  const unwritable = await farebox(undefined, 'simulator --port 0 --data /proc/farebox')

  expect(port).toMatchObject({ code: 1, out: '' })
  expect(port.err).toBe(
    `Port in use\nPort ${new URL(url).port} (simulated Stripe) is taken. Stop what uses it, or choose another with --port.\n`,
  )
  expect(inUse).toMatchObject({ code: 1, out: '' })
  expect(inUse.err).toBe(
    `Data folder in use\nAnother process has ${folder} open. Stop it, or choose another folder with --data.\n`,
  )
  expect(unwritable).toMatchObject({ code: 1, out: '' })
  expect(unwritable.err).toBe(
    'Data folder not writable\nCannot write to /proc/farebox. Choose another folder with --data.\n',
  )
})

test('flags that cannot be are refused before anything is opened', async () => {
  const folder = join(scratch, 'foreign')
  const first = await simulator('--data', folder)
  await first.stop()
  writeFileSync(join(folder, 'simulator.sqlite'), 'not a database, but long enough to look')

  const results = await Promise.all([
    farebox(undefined, 'simulator --port 70000'),
    farebox(undefined, 'simulator --port stripe'),
    farebox(undefined, 'simulator --port 0 --webhook-endpoint localhost:3000'),
    farebox(undefined, 'simulator --port 0 --host 203.0.113.7'),
    farebox(undefined, `simulator --port 0 --data ${folder}`),
  ])

  expect(results.map(({ code, err }) => [code, err.split('\n')[0]])).toEqual([
    [1, '"70000" is no port.'],
    [1, '"stripe" is no port.'],
    [1, '"localhost:3000" is no address for webhooks.'],
    [1, '"203.0.113.7" is no address of this machine.'],
    [1, expect.stringContaining('simulator.sqlite cannot be read: file is not a database.')],
  ])
})
