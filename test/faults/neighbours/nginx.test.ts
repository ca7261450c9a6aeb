import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../support/until.ts'
import { anAnsweredApi, freePort, isUp } from './proxied-api.ts'

const NGINX = '/usr/sbin/nginx'
const RECIPE = join(import.meta.dirname, '../../../examples/neighbours/nginx.conf')

/** The recipe as it stands, with the addresses of this test. */
async function startNginx(consoleUrl: string, token: string, api: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'farebox-nginx-'))
  const port = await freePort()
  const recipe = readFileSync(RECIPE, 'utf8')
    .replaceAll('127.0.0.1:8081', new URL(consoleUrl).host)
    .replaceAll('127.0.0.1:3000', new URL(api).host)
    .replaceAll('listen 8088', `listen 127.0.0.1:${port}`)
    .replaceAll('fb_op_TOKEN', token)
    .replace('http {', 'http {\n  access_log off;')
  writeFileSync(join(folder, 'nginx.conf'), recipe)
  const directives = `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/errors;`
  const child = spawn(NGINX, [
    '-p',
    folder,
    '-c',
    join(folder, 'nginx.conf'),
    '-g',
    directives,
    '-e',
    `${folder}/errors`,
  ])
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${port}`
  await isUp(url)
  return url
}

test.skipIf(!existsSync(NGINX))(
  'nginx lets pass what Farebox allows, and tells both sides what it was told',
  async () => {
    const { world, ada, api, seen } = await anAnsweredApi()
    const url = await startNginx(world.running.consoleUrl, world.token, api)
    const call = (headers: Record<string, string>) => fetch(`${url}/v1/items?x=1`, { headers })

    const allowed = await call({ authorization: `Bearer ${ada.key}`, 'x-customer-id': 'forged' })
    const stranger = await call({})
    const wrong = await call({ 'x-api-key': 'nonsense' })
    await world.operator.put('/api/v1/routes/{routeKey}', {
      params: { routeKey: 'all' },
      body: {
        match: { kind: 'prefix', path: '/' },
        upstreamKey: 'default',
        policy: {
          meters: { requests: '1' },
          rateLimits: [{ name: 'one', limit: 1, windowSeconds: 3_600, burst: 1, scope: 'key' }],
        },
      },
    })
    const limited = await until(
      () => call({ authorization: `Bearer ${ada.key}` }),
      ({ status }) => status === 429,
    )

    expect([allowed.status, await allowed.text()]).toEqual([200, 'from the API'])
    expect(allowed.headers.get('x-request-id')).toMatch(/^req_/)
    expect(Number(allowed.headers.get('x-quota-remaining'))).toBeGreaterThan(0)
    expect(seen[0]).toMatchObject({ 'x-customer-id': ada.customerId, 'x-user-plan': 'pro' })
    expect(seen[0]?.authorization).toBeUndefined()
    expect([stranger.status, await stranger.json()]).toMatchObject([
      401,
      { code: 'missing_credentials' },
    ])
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { code: 'invalid_api_key' }])
    expect(await limited.json()).toMatchObject({ code: 'rate_limited' })
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
  },
)
