import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PORTAL_PAGES } from '../src/gateway/refusal.ts'
import { paths } from '../web/portal/paths.ts'

const NOTIFICATIONS = join(import.meta.dirname, '../src/domain/notifications')
const PAGES = Object.values(paths).map(
  (path) => new RegExp(`^${path.replaceAll(/\$\w+/g, '[^/]+')}$`),
)

/** Links of the portal that no page answers. */
const leadNowhere = (links: readonly string[]) =>
  links.filter((link) => !PAGES.some((page) => page.test(link.replace(/#.*$/, ''))))

test('what a refused call says to do leads to a page of the portal', () => {
  const links = Object.values(PORTAL_PAGES).map((page) => `/${page}`)

  expect(links.length).toBeGreaterThan(5)
  expect(leadNowhere(links)).toEqual([])
})

test('every link of a mail leads to a page of the portal', () => {
  const links = ['templates.ts', 'service.ts'].flatMap((file) =>
    [...readFileSync(join(NOTIFICATIONS, file), 'utf8').matchAll(LINK)].map(([, path]) =>
      (path ?? '').replaceAll(/\$\{\w+\}/g, 'id'),
    ),
  )

  expect(links.length).toBeGreaterThan(10)
  expect(leadNowhere(links)).toEqual([])
})

/** What templates write after the portal's address. */
const LINK = /\$\{(?:around\.)?portalUrl\}([^`]*)`/g
