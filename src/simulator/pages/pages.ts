import type { Directory } from '../accounts/directory.ts'
import type { RunningRealm } from '../running-realm.ts'
import type { Kind } from '../store/documents.ts'
import type { Realm } from '../store/realm.ts'
import type { Answer, Incoming } from '../wire/http.ts'
import { message } from './layout.ts'

/** A request to a page: the object it is about and what was filled in. */
export interface PageCall {
  readonly id: string
  readonly running: RunningRealm
  readonly incoming: Incoming
  /** The fields of a submitted form. */
  readonly form: URLSearchParams
}

/** A page is reached by the unguessable id of its object; that is its only key, as at Stripe. */
export interface Page {
  readonly method: 'GET' | 'POST'
  /** `/c/pay/{id}` */
  readonly path: string
  /** Kinds of object the id may name. */
  readonly kinds: readonly Kind[]
  readonly show: (call: PageCall) => Answer | Promise<Answer>
}

export function createPages(
  directory: Directory,
  running: (realm: Realm) => RunningRealm,
  pages: readonly Page[],
): (incoming: Incoming) => Promise<Answer> | undefined {
  const routes = pages.map((page) => ({ page, segments: page.path.split('/') }))

  function findRealm(kinds: readonly Kind[], id: string): Realm | undefined {
    return directory
      .realms()
      .find(({ tables }) => kinds.some((kind) => tables[kind].get(id) !== undefined))
  }

  return (incoming) => {
    const segments = incoming.path.split('/')
    for (const { page, segments: pattern } of routes) {
      const id = page.method === incoming.method ? matchId(pattern, segments) : undefined
      if (id === undefined) continue
      const realm = findRealm(page.kinds, id)
      if (realm === undefined) {
        return Promise.resolve({
          ...message('Not found', 'This page does not exist, or the simulator was reset since.'),
          status: 404,
        })
      }
      const form = new URLSearchParams(incoming.body.toString('utf8'))
      return Promise.resolve(page.show({ id, running: running(realm), incoming, form }))
    }
    return undefined
  }
}

function matchId(pattern: readonly string[], segments: readonly string[]): string | undefined {
  if (pattern.length !== segments.length) return undefined
  let id: string | undefined
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (part === '{id}') id = segment
    else if (part !== segment) return undefined
  }
  return id
}
