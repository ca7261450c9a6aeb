import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { anAnsweredApi, freePort, isUp } from './proxied-api.ts'

const CADDY = '/usr/bin/caddy'
const RECIPE = join(import.meta.dirname, '../../../examples/neighbours/Caddyfile')

/** The recipe as it stands, with the addresses of this test. */
async function startCaddy(consoleUrl: string, token: string, api: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'farebox-caddy-'))
  const port = await freePort()
  const recipe = readFileSync(RECIPE, 'utf8')
    .replaceAll('127.0.0.1:8081', new URL(consoleUrl).host)
    .replaceAll('127.0.0.1:3000', new URL(api).host)
    .replaceAll(':8088', `http://127.0.0.1:${port}`)
  const file = join(folder, 'Caddyfile')
  writeFileSync(file, `{\n\tadmin off\n}\n${recipe}`)
  const child = spawn(CADDY, ['run', '--config', file, '--adapter', 'caddyfile'], {
    env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, FAREBOX_TOKEN: token },
    stdio: 'ignore',
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${port}`
  await isUp(url)
  return url
}

test.skipIf(!existsSync(CADDY))(
  'Caddy lets pass what Farebox allows, and tells the API what it was told',
  async () => {
    const { world, ada, api, seen } = await anAnsweredApi()
    const url = await startCaddy(world.running.consoleUrl, world.token, api)
    const call = (headers: Record<string, string>) => fetch(`${url}/v1/items?x=1`, { headers })

    const allowed = await call({ authorization: `Bearer ${ada.key}`, 'x-customer-id': 'forged' })
    const stranger = await call({})
    const wrong = await call({ 'x-api-key': 'nonsense' })

    expect([allowed.status, await allowed.text()]).toEqual([200, 'from the API'])
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ 'x-customer-id': ada.customerId, 'x-user-plan': 'pro' })
    expect(seen[0]?.authorization).toBeUndefined()
    expect(seen[0]?.['x-request-id']).toMatch(/^req_/)
    expect([stranger.status, await stranger.json()]).toMatchObject([
      401,
      { code: 'missing_credentials' },
    ])
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { code: 'invalid_api_key' }])
  },
)
