import { completeFlow, type FlowType, openFlow, subscriptionOfFlow } from '../portal/flow.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Answer } from '../wire/http.ts'
import { html, type Html } from './html.ts'
import { brand, businessName, footer, message, modeBar, page, redirect } from './layout.ts'
import type { Page, PageCall } from './pages.ts'
import { whenWebhooksArrived } from './webhook-wait.ts'

const KIND = 'billing_portal.session'

/** A visit to the portal: whose it is and what it may do. */
export interface Portal {
  readonly call: PageCall
  readonly tx: Transaction
  readonly session: Documents[typeof KIND]
  readonly customer: Documents['customer']
  readonly features: Documents['billing_portal.configuration']['features']
  readonly profile: Documents['billing_portal.configuration']['business_profile']
}

type Feature = keyof Portal['features']

interface PortalPage {
  readonly method: 'GET' | 'POST'
  /** What follows `/p/session/{id}`. */
  readonly path: string
  /** Without it the page does not exist. */
  readonly feature?: Feature
  readonly show: (portal: Portal) => Answer
}

export function portalPage({ method, path, feature, show }: PortalPage): Page {
  return {
    method,
    path: `/p/session/{id}${path}`,
    kinds: [KIND],
    async show(call) {
      const answer = call.running.realm.transact((tx) => enter(tx, call, feature, show))
      if (method === 'POST') await whenWebhooksArrived(call.running)
      return answer
    },
  }
}

function enter(
  tx: Transaction,
  call: PageCall,
  feature: Feature | undefined,
  show: (portal: Portal) => Answer,
): Answer {
  const session = tx.get(KIND, call.id)
  const customer = tx.get('customer', session.customer)
  if (tx.now(null) >= session.inner.expiresAt || customer.inner.isDeleted) {
    return message('This session has expired', {
      text: `Open the customer portal again from ${businessName(tx)}.`,
      ...(session.return_url === null
        ? {}
        : { link: { href: session.return_url, text: `Return to ${businessName(tx)}` } }),
      kind: 'bad',
    })
  }
  const configuration = tx.get('billing_portal.configuration', session.configuration)
  const portal: Portal = {
    call,
    tx,
    session,
    customer,
    features: configuration.features,
    profile: configuration.business_profile,
  }
  if (feature !== undefined && !portal.features[feature].enabled) return notOffered(portal)
  const start = startOfFlow(portal)
  // A flow leads to one thing; until that is done there is nothing beside it.
  if (start !== undefined && !isWithin(call.incoming.path, start)) return redirect(start)
  return show(portal)
}

export function notOffered(portal: Portal): Answer {
  return message('Not available', {
    text: 'This cannot be changed here.',
    link: { href: home(portal), text: 'Back' },
    status: 404,
  })
}

export function home({ session }: Portal): string {
  return `/p/session/${session.id}`
}

export function subscriptionPath(portal: Portal, subscription: string, what: string): string {
  return `${home(portal)}/subscriptions/${subscription}/${what}`
}

/** Where an open flow begins. */
function startOfFlow(portal: Portal): string | undefined {
  const flow = openFlow(portal.session)
  if (flow === null) return undefined
  const subscription = subscriptionOfFlow(flow) ?? ''
  switch (flow.type) {
    case 'customer_update':
      return `${home(portal)}/details`
    case 'payment_method_update':
      return `${home(portal)}/cards/new`
    case 'subscription_cancel':
      return subscriptionPath(portal, subscription, 'cancel')
    case 'subscription_pause':
      return subscriptionPath(portal, subscription, 'pause')
    case 'subscription_update':
      return subscriptionPath(portal, subscription, 'update')
    case 'subscription_update_confirm':
      return subscriptionPath(portal, subscription, 'confirm')
  }
}

function isWithin(path: string, start: string): boolean {
  return path === start || path.startsWith(`${start}/`) || path.includes('/finish/')
}

/**
 * Where to go when something has been done: where the merchant wants it if the session was made for that, or home, which
 * says what happened.
 */
export function next(portal: Portal, notice: string, done: FlowType): Answer {
  const { session, tx } = portal
  const { flow } = session
  const isEnd = flow?.type === done && !session.inner.isFlowDone
  completeFlow(tx, session.id, done)
  return isEnd ? afterFlow(portal, notice) : redirect(`${home(portal)}?notice=${notice}`)
}

/** Where the merchant wants a customer who has done what the session was made for. */
export function afterFlow(portal: Portal, notice: string): Answer {
  const after = portal.session.flow?.after_completion
  switch (after?.type) {
    case 'redirect':
      return redirect(after.redirect?.return_url ?? home(portal))
    case 'hosted_confirmation':
      return redirect(`${home(portal)}/confirmation`)
    default:
      return redirect(`${home(portal)}?notice=${notice}`)
  }
}

/** The subscription a page is about; undefined for one that is not this customer's. */
export function ownSubscription({
  tx,
  customer,
  call,
}: Portal): Documents['subscription'] | undefined {
  const subscription = tx.find('subscription', call.names['subscription'] ?? '')
  return subscription?.customer === customer.id ? subscription : undefined
}

interface Frame {
  readonly title: string
  readonly body: Html
  readonly isHome?: boolean
  readonly status?: number
}

/** A page of the portal. */
export function frame(portal: Portal, { title, body, isHome, status }: Frame): Answer {
  const { tx, session, profile } = portal
  return page(
    `${title} · ${businessName(tx)}`,
    html`${modeBar(session.livemode)}
      <div class="sheet">
        <div class="column">
          <header class="spread">${brand(tx)} ${wayBack(portal, isHome === true)}</header>
          <main class="gap">${body}</main>
          ${legal(profile)}
        </div>
      </div>
      ${footer()}`,
    { leaves: true, ...(status === undefined ? {} : { status }) },
  )
}

function wayBack(portal: Portal, isHome: boolean): Html {
  const { tx, session } = portal
  if (!isHome && openFlow(session) === null) {
    return html`<a class="back" href="${home(portal)}">← Back to billing</a>`
  }
  return session.return_url === null
    ? { html: '' }
    : html`<a class="back" href="${session.return_url}" data-testid="return"
        >← Return to ${businessName(tx)}</a
      >`
}

function legal({
  privacy_policy_url: privacy,
  terms_of_service_url: terms,
}: Portal['profile']): Html {
  if (privacy === null && terms === null) return { html: '' }
  return html`<p class="actions legal">
    ${terms === null ? '' : html`<a href="${terms}">Terms</a>`}
    ${privacy === null ? '' : html`<a href="${privacy}">Privacy</a>`}
  </p>`
}
