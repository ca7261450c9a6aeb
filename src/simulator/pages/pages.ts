import type { Directory } from '../accounts/directory.ts'
import type { RunningRealm } from '../running-realm.ts'
import type { Kind } from '../store/documents.ts'
import type { Realm } from '../store/realm.ts'
import type { Answer, Incoming } from '../wire/http.ts'
import { isCrossSite } from '../wire/visitors.ts'
import { html, type Html } from './html.ts'
import { message } from './layout.ts'
import { createSubmissions, SEAL_FIELD, type Submissions } from './submissions.ts'

/** A request to a page: the object it is about and what was filled in. */
export interface PageCall {
  readonly id: string
  /** All `{names}` of the path. */
  readonly names: Readonly<Record<string, string>>
  readonly running: RunningRealm
  readonly incoming: Incoming
  readonly query: URLSearchParams
  /** The fields of a submitted form. */
  readonly form: URLSearchParams
  /** What a form that is sent to the path has to contain; see submissions.ts. */
  readonly seal: (path: string) => Html
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
  const submissions = createSubmissions()

  function findRealm(kinds: readonly Kind[], id: string): Realm | undefined {
    return directory
      .realms()
      .find(({ tables }) => kinds.some((kind) => tables[kind].get(id) !== undefined))
  }

  return (incoming) => {
    const segments = incoming.path.split('/')
    const method = incoming.method === 'HEAD' ? 'GET' : incoming.method
    for (const { page, segments: pattern } of routes) {
      const names = page.method === method ? matchPath(pattern, segments) : undefined
      if (names === undefined) continue
      const id = names['id'] ?? ''
      const realm = findRealm(page.kinds, id)
      if (realm === undefined) return Promise.resolve(unknownPage())
      const call: PageCall = {
        id,
        names,
        running: running(realm),
        incoming,
        query: new URLSearchParams(incoming.query),
        form: new URLSearchParams(incoming.body.toString('utf8')),
        seal: (path) => sealField(submissions, path),
      }
      const show = async (): Promise<Answer> => page.show(call)
      if (page.method === 'GET') return show()
      if (isCrossSite(incoming)) return Promise.resolve(staleForm(incoming.path))
      const answer = submissions.answer(incoming, call.form.get(SEAL_FIELD) ?? '', show)
      return answer ?? Promise.resolve(staleForm(incoming.path))
    }
    return undefined
  }
}

function sealField(submissions: Submissions, path: string): Html {
  return html`<input type="hidden" name="${SEAL_FIELD}" value="${submissions.seal(path)}" />`
}

function matchPath(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== segments.length) return undefined
  const names: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? ''
    const name = /^\{(\w+)\}$/.exec(part)?.[1]
    if (name !== undefined) names[name] = segment
    else if (part !== segment) return undefined
  }
  return names
}

function unknownPage(): Answer {
  return message('Page not found', {
    text: 'There is nothing at this address, or the simulator was reset since the link was made.',
    kind: 'bad',
    status: 404,
  })
}

/** Without the page's own seal a form may come from anywhere: nothing is done with it. */
function staleForm(path: string): Answer {
  return message('This form is out of date', {
    text: 'Nothing was done. Open the page again and send the form from there.',
    link: { href: path, text: 'Open the page' },
    kind: 'bad',
    status: 403,
  })
}
