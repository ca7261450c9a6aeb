import { randomToken } from '../../kit/crypto.ts'
import { ControlError } from '../control/answers.ts'
import { html, type Html } from '../pages/html.ts'
import { redirect } from '../pages/layout.ts'
import { createSubmissions, SEAL_FIELD } from '../pages/submissions.ts'
import type { Realm } from '../store/realm.ts'
import { StripeError } from '../wire/errors.ts'
import type { Answer, Incoming } from '../wire/http.ts'
import type { Surface } from '../wire/server.ts'
import { isCrossSite, isKnownHost } from '../wire/visitors.ts'
import { openAccount, showAccounts } from './accounts.ts'
import { type DashboardParts, homeOf, type Notice, type Screen, type ScreenCall } from './call.ts'
import { eventScreens } from './events.ts'
import { faultScreens } from './faults.ts'
import { findScreens } from './find.ts'
import { keyScreens } from './keys.ts'
import { unknownScreen } from './not-found.ts'
import { singleObjectScreens } from './object.ts'
import { objectScreens } from './objects.ts'
import { outcomeScreens } from './outcomes.ts'
import { overviewScreens } from './overview.ts'
import { requestScreens } from './requests.ts'
import { settingScreens } from './settings.ts'
import { frame } from './shell.ts'
import { timeScreens } from './time.ts'
import { webhookScreens } from './webhooks.ts'

const SCREENS: readonly Screen[] = [
  ...overviewScreens,
  ...objectScreens,
  ...singleObjectScreens,
  ...eventScreens,
  ...requestScreens,
  ...webhookScreens,
  ...timeScreens,
  ...outcomeScreens,
  ...faultScreens,
  ...keyScreens,
  ...settingScreens,
  ...findScreens,
]

/** As many notices as wait to be read. */
const MAX_NOTICES = 200

/** The simulator's dashboard, at `/`: one account in one mode at a time, server-rendered, without a script. */
export function createDashboard(parts: DashboardParts): Surface {
  const submissions = createSubmissions()
  const notices = new Map<string, Notice>()

  const seal = (path: string): Html =>
    html`<input type="hidden" name="${SEAL_FIELD}" value="${submissions.seal(path)}" />`

  /** Where to go, with something to say there. */
  function withNotice(path: string, notice: Notice): string {
    const token = randomToken(12)
    notices.set(token, notice)
    for (const oldest of notices.keys()) {
      if (notices.size <= MAX_NOTICES) break
      notices.delete(oldest)
    }
    return `${path}${path.includes('?') ? '&' : '?'}notice=${token}`
  }

  function callFor(incoming: Incoming, realm: Realm, names: ScreenCall['names']): ScreenCall {
    const query = new URLSearchParams(incoming.query)
    return {
      parts,
      running: parts.running(realm),
      facts: realm.facts,
      incoming,
      names,
      query,
      form: new URLSearchParams(incoming.body.toString('utf8')),
      seal,
      notice: notices.get(query.get('notice') ?? ''),
    }
  }

  async function perform(
    screen: Extract<Screen, { method: 'POST' }>,
    call: ScreenCall,
  ): Promise<Answer> {
    const home = homeOf(call.facts)
    const from = call.form.get('back') ?? ''
    const isHere = from === home || from.startsWith(`${home}/`) || from.startsWith(`${home}?`)
    const target = isHere ? from : home
    try {
      const { text, to } = await screen.act(call)
      return redirect(withNotice(to ?? target, { kind: 'good', text }))
    } catch (error) {
      if (!(error instanceof ControlError) && !(error instanceof StripeError)) throw error
      const text = error instanceof StripeError ? error.body.message : error.message
      return redirect(withNotice(target, { kind: 'bad', text }))
    }
  }

  /** Forms take effect once, and only when they come from a page of ours. */
  function submit(incoming: Incoming, work: () => Promise<Answer>): Promise<Answer> | Answer {
    if (isCrossSite(incoming)) return stale()
    const given = new URLSearchParams(incoming.body.toString('utf8')).get(SEAL_FIELD) ?? ''
    return submissions.answer(incoming, given, work) ?? stale()
  }

  async function answer(incoming: Incoming): Promise<Answer | undefined> {
    const method = incoming.method === 'HEAD' ? 'GET' : incoming.method
    const segments = incoming.path.split('/')
    const realm = realmAt(segments[1] ?? '', segments[2] ?? '')
    if (realm === undefined) return front(incoming, method)
    const below = segments.slice(3)
    for (const screen of SCREENS) {
      if (screen.method !== method) continue
      const names = matchPath(screen.path, below)
      if (names === undefined) continue
      const call = callFor(incoming, realm, names)
      if (screen.method === 'GET') return screen.show(call)
      return submit(incoming, () => perform(screen, call))
    }
    return unknownScreen(callFor(incoming, realm, {}))
  }

  function realmAt(account: string, mode: string): Realm | undefined {
    if (!account.startsWith('acct_') || (mode !== 'test' && mode !== 'live')) return undefined
    return parts.directory.findRealm(account, mode === 'live')
  }

  /** What is about no account. */
  async function front(incoming: Incoming, method: string): Promise<Answer | undefined> {
    const { path } = incoming
    const notice = notices.get(new URLSearchParams(incoming.query).get('notice') ?? '')
    if (method === 'GET' && path === '/') {
      const [only, ...others] = parts.directory.realms()
      if (only !== undefined && others.length === 0) return redirect(homeOf(only.facts))
      return redirect('/accounts')
    }
    if (method === 'GET' && path === '/accounts') {
      return showAccounts(parts, { seal: seal('/accounts'), notice })
    }
    if (method === 'POST' && path === '/accounts') {
      return submit(incoming, async () => {
        const opened = openAccount(parts, new URLSearchParams(incoming.body.toString('utf8')))
        return 'kind' in opened ? redirect(withNotice('/accounts', opened)) : opened
      })
    }
    if (method === 'GET' && path.startsWith('/requests/')) return requestPage(path)
    if (path.startsWith('/acct_')) return gone()
    return undefined
  }

  /** Errors of the API name this address; the account is found by the request. */
  function requestPage(path: string): Answer {
    const id = path.slice('/requests/'.length)
    const realm = parts.directory
      .realms()
      .find((candidate) => parts.running(candidate).requests.find(id) !== undefined)
    return realm === undefined ? gone() : redirect(`${homeOf(realm.facts)}/requests/${id}`)
  }

  return (incoming) => {
    if (!isOurs(incoming.path)) return undefined
    if (!isKnownHost(incoming, parts.host)) return Promise.resolve(foreignHost())
    return answer(incoming)
  }
}

function isOurs(path: string): boolean {
  return (
    path === '/' ||
    path === '/accounts' ||
    path.startsWith('/requests/') ||
    path.startsWith('/acct_')
  )
}

function matchPath(
  pattern: string,
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/').slice(1)
  if (wanted.length !== segments.length) return undefined
  const names: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const segment = segments[index] ?? ''
    if (part.startsWith('{')) names[part.slice(1, -1)] = segment
    else if (part !== segment) return undefined
  }
  return names
}

function gone(): Answer {
  return frame('Not found', {
    status: 404,
    body: html`<div class="empty">
      <p>There is nothing at this address, or the simulator was started afresh since.</p>
      <p><a href="/accounts">To the accounts</a></p>
    </div>`,
  })
}

function stale(): Answer {
  return frame('Nothing was done', {
    status: 403,
    body: html`<div class="empty">
      <p>This form did not come from a page of this dashboard, or that page is too old.</p>
      <p><a href="/">Open the dashboard again</a></p>
    </div>`,
  })
}

/** A page elsewhere may have made its own name lead here; what it asks for is not for it to read. */
function foreignHost(): Answer {
  return frame('Unknown host', {
    status: 403,
    body: html`<div class="empty">
      <p>The dashboard answers to addresses and to names of this machine or its network only.</p>
      <p>Open it by its address, or start the simulator with <code>--host</code> and this name.</p>
    </div>`,
  })
}
