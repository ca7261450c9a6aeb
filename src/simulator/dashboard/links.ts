import { html, type Html } from '../pages/html.ts'
import type { Kind } from '../store/documents.ts'
import { link, type ScreenCall } from './call.ts'
import { kindOfId } from './kinds.ts'

export function objectPath(call: ScreenCall, kind: Kind, id: string): string {
  return link(call, kind === 'event' ? `/events/${id}` : `/objects/${kind}/${id}`)
}

export function objectLink(call: ScreenCall, kind: Kind, id: string): Html {
  return html`<a href="${objectPath(call, kind, id)}"><code>${id}</code></a>`
}

/** Where ids lead inside this account; undefined for what is none of it. */
export function idLinks(call: ScreenCall): (id: string) => string | undefined {
  const { realm, requests } = call.running
  return (id) => {
    if (id.startsWith('req_')) {
      return requests.find(id) === undefined ? undefined : link(call, `/requests/${id}`)
    }
    const kind = kindOfId(realm.tables, id)
    return kind === undefined ? undefined : objectPath(call, kind, id)
  }
}
