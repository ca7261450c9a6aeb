import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { until } from '../../support/until.ts'

const EXECUTABLE = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'

/** Nothing but the pages asked for: no updates, no account, no first-run windows. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const DESKTOP = { width: 1280, height: 900 }
const PHONE = { width: 390, height: 844 }

/** Somebody at a browser, who notices everything that goes wrong in it. */
export interface Visitor {
  readonly page: Page
  /** Opens an address of the console and waits until the page shows its title. */
  opens(path: string): Promise<void>
  /** What a page must be for everybody: nothing in the error log, names and contrast in both themes, no sideways scrolling on a phone. */
  expectsSoundPage(): Promise<void>
  /** What was written into the browser's error log since the start. */
  errors(): readonly string[]
}

export interface TestBrowser {
  visitor(): Promise<Visitor>
  close(): Promise<void>
}

export async function openBrowser(baseUrl: string): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGS })
  return {
    async visitor() {
      const context = await browser.newContext({ baseURL: baseUrl, viewport: DESKTOP })
      await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: baseUrl })
      return visit(context)
    },
    close: () => browser.close(),
  }
}

async function visit(context: BrowserContext): Promise<Visitor> {
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() !== 'error' || isExpected(message.location().url)) return
    // A refused source of the security policy is written here too.
    errors.push(`${message.text()} (${message.location().url})`)
  })

  return {
    page,
    errors: () => errors,
    async opens(path) {
      await page.goto(path)
      await page.locator('h1').first().waitFor()
    },
    async expectsSoundPage() {
      const where = page.url()
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        expect(await page.evaluate(AUDIT), `${where} in ${colorScheme}`).toEqual([])
      }
      await page.emulateMedia({ colorScheme: null, reducedMotion: null })
      await page.setViewportSize(PHONE)
      // Nothing scrolls sideways on a phone; charts follow their frame a moment later.
      const beyond = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      await until(
        async () => ({ where, beyond: await page.evaluate<number>(beyond) }),
        (seen) => seen.beyond <= 0,
      )
      await page.setViewportSize(DESKTOP)
      expect(errors, where).toEqual([])
    },
  }
}

/** Answers that are no mistake and that browsers write down: nobody is signed in yet, the bank says no. */
function isExpected(url: string): boolean {
  return /\/api\/v1\/(?:portal\/)?session$|\/invoices\/\w+\/pay$/.test(url)
}

/** The audit of `web/gallery`, as a page can run it. */
const AUDIT = auditScript()

function auditScript(): string {
  const file = join(import.meta.dirname, '../../../web/gallery/audit.ts')
  const script = stripTypeScriptTypes(readFileSync(file, 'utf8')).replace(/^export /gm, '')
  return `(() => { ${script}; return auditPage() })()`
}
