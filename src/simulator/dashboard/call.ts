import type { Directory } from '../accounts/directory.ts'
import type { Control } from '../control/control.ts'
import type { CallApi } from '../own-calls.ts'
import { html, type Html } from '../pages/html.ts'
import type { RunningRealm } from '../running-realm.ts'
import type { Realm } from '../store/realm.ts'
import type { RealmFacts, Transaction } from '../store/transaction.ts'
import type { Answer, Incoming } from '../wire/http.ts'

export interface DashboardParts {
  readonly directory: Directory
  readonly running: (realm: Realm) => RunningRealm
  readonly control: Control['perform']
  readonly api: CallApi
  /** What restricted keys can be allowed. */
  readonly resources: readonly string[]
  /** Where the simulator was told to listen. */
  readonly host: string
  readonly url: string
}

/** A request to a screen about one account in one mode. */
export interface ScreenCall {
  readonly parts: DashboardParts
  readonly running: RunningRealm
  readonly facts: RealmFacts
  readonly incoming: Incoming
  /** All `{names}` of the path. */
  readonly names: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly form: URLSearchParams
  /** What is hidden in a form that is sent to the path; see pages/submissions.ts. */
  readonly seal: (path: string) => Html
  /** What the last form did, said once on the page that follows. */
  readonly notice: Notice | undefined
}

export interface Notice {
  readonly kind: 'good' | 'bad'
  readonly text: string | Html
}

/** What a form has done, and where to go on; without `to` back to where it was sent from. */
export interface Done {
  readonly text: string | Html
  readonly to?: string
}

export type Screen =
  | {
      readonly method: 'GET'
      /** Below the account: `/events/{id}` */
      readonly path: string
      readonly show: (call: ScreenCall) => Answer | Promise<Answer>
    }
  | {
      readonly method: 'POST'
      readonly path: string
      /** May throw a `ControlError` or a `StripeError`, which are told on the page. */
      readonly act: (call: ScreenCall) => Done | Promise<Done>
    }

/** `/acct_1…/test` */
export function homeOf({ accountId, isLive }: Pick<RealmFacts, 'accountId' | 'isLive'>): string {
  return `/${accountId}/${isLive ? 'live' : 'test'}`
}

export function link({ facts }: ScreenCall, path: string): string {
  return `${homeOf(facts)}${path}`
}

export function read<T>({ running }: ScreenCall, work: (tx: Transaction) => T): T {
  return running.realm.transact(work)
}

/** A form that does something. It comes back to the page it is on, whatever comes of it. */
export function actionForm(call: ScreenCall, path: string, body: Html, className = 'action'): Html {
  const target = link(call, path)
  const { incoming } = call
  const query = new URLSearchParams(incoming.query)
  query.delete('notice')
  const back = query.size === 0 ? incoming.path : `${incoming.path}?${query.toString()}`
  return html`<form method="post" action="${target}" class="${className}">
    ${call.seal(target)}<input type="hidden" name="back" value="${back}" />${body}
  </form>`
}

/** A field of the form that was filled in; undefined when it was left empty. */
export function entered({ form }: ScreenCall, name: string): string | undefined {
  const value = form.get(name)?.trim()
  return value === '' ? undefined : value
}
