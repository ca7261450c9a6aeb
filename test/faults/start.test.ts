import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const BIN = join(import.meta.dirname, '../../bin/farebox.js')
const ANY_PORT = ['gateway', 'console', 'simulator', 'example'].flatMap((what) => [
  `--${what}-port`,
  '0',
])

let folder: string
let started: Started[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farebox-start-'))
  started = []
})
afterEach(() => {
  for (const { child } of started) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

interface Started {
  readonly child: ChildProcess
  out: string
  err: string
  readonly exited: Promise<number | null>
  /** Everything is up; fails where the process ends first. */
  ready(): Promise<string>
}

/** `farebox start`, as a process of its own in a folder of its own. */
function farebox(args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [BIN, 'start', ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
  })
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve))
  const run: Started = {
    child,
    out: '',
    err: '',
    exited,
    ready: () =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (run.out.includes('Ctrl-C stops it')) resolve(run.out)
        }
        child.stdout.on('data', look)
        void exited.then((code) => reject(new Error(`It ended with ${code}: ${run.err}`)))
        look()
      }),
  }
  child.stdout.on('data', (chunk: Buffer) => (run.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (run.err += chunk.toString()))
  started.push(run)
  return run
}

function place(banner: string, name: string): string {
  const url = new RegExp(`^ +${name} +(\\S+)`, 'm').exec(banner)?.[1]
  if (url === undefined) throw new Error(`The banner does not name ${name}: ${banner}`)
  return url
}

async function stop({ child, exited }: Started): Promise<number | null> {
  child.kill('SIGINT')
  return exited
}

/** One clear message and nothing else: no stack, no half-started product. */
async function refused(run: Started): Promise<string> {
  expect(await run.exited).toBe(1)
  expect(run.err).not.toMatch(/^\s+at /m)
  return run.err.trim()
}

test('without any configuration everything starts, and a second start finds it as it was', async () => {
  const first = farebox(ANY_PORT)
  const banner = await first.ready()
  for (const name of ['Portal', 'Admin', 'API', 'Stripe']) {
    expect((await fetch(place(banner, name))).status, name).toBe(200)
  }
  expect((await fetch(`${place(banner, 'Gateway')}/v1/weather`)).status).toBe(401)
  const [, email, password] = /as (\S+), password (\S+)/.exec(banner) ?? []
  expect(await signIn(place(banner, 'Admin'), email, password)).toBe(200)
  expect(await stop(first)).toBe(0)

  const second = farebox(ANY_PORT)
  const again = await second.ready()
  expect(await signIn(place(again, 'Admin'), email, password)).toBe(200)
  expect(await stop(second)).toBe(0)
})

async function signIn(admin: string, email = '', password = ''): Promise<number> {
  const { origin } = new URL(admin)
  const response = await fetch(`${origin}/api/v1/auth/admin/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ email, password }),
  })
  return response.status
}

test('a taken port is one clear message', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as AddressInfo
  const message = await refused(farebox([...ANY_PORT, '--console-port', String(port)]))
  other.close()
  expect(message).toContain(String(port))
  expect(message).toContain('--console-port')
})

test('a folder that cannot be written is one clear message', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  expect(await refused(farebox([...ANY_PORT, '--data', join(file, 'data')]))).toContain(file)
})

test('a folder in use is one clear message', async () => {
  await farebox(ANY_PORT).ready()
  expect(await refused(farebox(ANY_PORT))).toContain('data')
})

test.each([
  ['a configuration that is not YAML', 'console: [', /farebox\.yaml/],
  ['a setting that does not exist', 'consol: {}\n', /consol/],
  ['a value of the wrong kind', 'console: { port: many }\n', /console\.port/],
])('%s is one clear message', async (_, text, named) => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'farebox.yaml'), text)
  expect(await refused(farebox([]))).toMatch(named)
})

test('S0.1 any HTTP API can stand behind it', async () => {
  const upstream = createServer((request, response) => response.end(`upstream saw ${request.url}`))
  upstream.listen(0, '127.0.0.1')
  await new Promise((resolve) => upstream.once('listening', resolve))
  const { port } = upstream.address() as AddressInfo
  const address = `http://127.0.0.1:${port}`
  const run = farebox([...ANY_PORT, '--upstream', address])
  expect(await run.ready()).toContain(`in front of ${address}`)
  expect(await stop(run)).toBe(0)
  upstream.close()
})
