/**
 * Takes the pictures of the README: the portal and the admin center side by side, in both themes, of an installation that
 * has lived through the demo's three months. Needs Chromium; `CHROMIUM_PATH` says where it is not /usr/bin/chromium.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { loadConfig } from '../src/config.ts'
import { type Running, start } from '../src/main.ts'
import { createLog } from '../src/platform/log.ts'
import { liveThroughThreeMonths } from '../src/start/demo.ts'

const IMAGES = join(import.meta.dirname, '../docs/images')
const VIEWPORT = { width: 1180, height: 900 }
const CUSTOMER = { email: 'northwind.weather@example.com', password: 'demo-password' }
const THEMES = ['light', 'dark'] as const
type Theme = (typeof THEMES)[number]

interface Side {
  readonly surface: 'portal' | 'admin'
  /** What has to be drawn before it is worth a picture. */
  readonly waitsFor: string
  readonly account: { readonly email: string; readonly password: string }
}

const folder = mkdtempSync(join(tmpdir(), 'farebox-screenshots-'))
const ports = Object.fromEntries(
  ['gateway', 'console', 'simulator', 'example'].map((name) => [name, { port: 0 }]),
)
const running = await start(loadConfig({ env: {}, folder, flags: { data: folder, ...ports } }), {
  log: createLog({ level: 'silent', format: 'text' }),
})
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
})
try {
  await liveThroughThreeMonths(running, say)
  mkdirSync(IMAGES, { recursive: true })
  const operator = JSON.parse(
    readFileSync(join(folder, 'first-operator.json'), 'utf8'),
  ) as Side['account']
  const portal = await pictures(browser, running, {
    surface: 'portal',
    waitsFor: '.uplot canvas',
    account: CUSTOMER,
  })
  const admin = await pictures(browser, running, {
    surface: 'admin',
    waitsFor: 'ol time',
    account: operator,
  })
  for (const theme of THEMES) {
    const file = join(IMAGES, `portal-and-admin-${theme}.png`)
    await sideBySide(browser, [portal[theme], admin[theme]], file)
    say(`${file}: ${Math.round(statSync(file).size / 1_000)} kB`)
  }
} finally {
  await browser.close()
  await running.close()
  rmSync(folder, { recursive: true, force: true })
}

/** One signing in for both themes. */
async function pictures(
  browser: Browser,
  { consoleUrl }: Running,
  { surface, waitsFor, account }: Side,
): Promise<Record<Theme, Buffer>> {
  const context = await browser.newContext({
    baseURL: consoleUrl,
    viewport: VIEWPORT,
    reducedMotion: 'reduce',
  })
  const signedIn = await context.request.post(`/api/v1/auth/${surface}/sign-in/email`, {
    data: account,
    headers: { origin: consoleUrl },
  })
  if (!signedIn.ok()) throw new Error(`Signing in to ${surface} failed: ${await signedIn.text()}`)
  const page = await context.newPage()
  async function picture(colorScheme: Theme): Promise<Buffer> {
    await page.emulateMedia({ colorScheme })
    await page.goto(`/${surface}/`)
    await page.locator(waitsFor).first().waitFor()
    await page.waitForLoadState('networkidle')
    return page.screenshot()
  }
  const both = { light: await picture('light'), dark: await picture('dark') }
  await context.close()
  return both
}

/** The browser puts pictures together better than a library would. */
async function sideBySide(
  browser: Browser,
  images: readonly Buffer[],
  file: string,
): Promise<void> {
  const gap = 24
  const page = await browser.newPage({
    viewport: { width: VIEWPORT.width * 2 + gap, height: VIEWPORT.height },
  })
  const tags = images.map(
    (image) => `<img src="data:image/png;base64,${image.toString('base64')}">`,
  )
  await page.setContent(
    `<style>body{margin:0;display:flex;gap:${gap}px}img{border-radius:12px}</style>${tags.join('')}`,
  )
  await page.screenshot({ path: file, omitBackground: true })
  await page.close()
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
