import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PORTAL_PAGES } from '../src/gateway/refusal.ts'
import { paths as adminPaths } from '../web/admin/paths.ts'
import { paths } from '../web/portal/paths.ts'

const NOTIFICATIONS = join(import.meta.dirname, '../src/domain/notifications')
const pagesOf = (sitemap: Readonly<Record<string, string>>) =>
  Object.values(sitemap).map((path) => new RegExp(`^${path.replaceAll(/\$\w+/g, '[^/]+')}$`))

/** Links that no page answers. */
const leadNowhere = (links: readonly string[], pages = pagesOf(paths)) =>
  links.filter((link) => !pages.some((page) => page.test(link.replace(/[#?].*$/, ''))))

/** What follows an address in the letters, with something in the place of ids. */
const linksIn = (pattern: RegExp) =>
  ['templates.ts', 'service.ts'].flatMap((file) =>
    [...readFileSync(join(NOTIFICATIONS, file), 'utf8').matchAll(pattern)].map(([, path]) =>
      (path ?? '').replaceAll(/\$\{\w+\}/g, 'id'),
    ),
  )

test('what a refused call says to do leads to a page of the portal', () => {
  const links = Object.values(PORTAL_PAGES).map((page) => `/${page}`)

  expect(links.length).toBeGreaterThan(5)
  expect(leadNowhere(links)).toEqual([])
})

test('every link of a mail leads to a page of the portal', () => {
  const links = linksIn(/\$\{(?:around\.)?portalUrl\}([^`]*)`/g)

  expect(links.length).toBeGreaterThan(10)
  expect(leadNowhere(links)).toEqual([])
})

test('every link of a mail to operators leads to a page of the admin center', () => {
  const links = linksIn(/\$\{(?:around\.)?adminUrl\}([^`]*)`/g)

  expect(links.length).toBeGreaterThan(4)
  expect(leadNowhere(links, pagesOf(adminPaths))).toEqual([])
})
