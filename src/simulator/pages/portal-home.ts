import { isEnded, itemsOf } from '../billing/subscription-work.ts'
import { usesOfCard } from '../portal/cards.ts'
import { canCancel, canRenew } from '../portal/cancel.ts'
import { canPause } from '../portal/pause.ts'
import { switchableItem } from '../portal/plan-choices.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Answer } from '../wire/http.ts'
import { statusBadge } from './badges.ts'
import { cardName } from './card-name.ts'
import { taxIdLabel } from './countries.ts'
import { postForm } from './fields.ts'
import { html, type Html } from './html.ts'
import { businessName } from './layout.ts'
import { showAmount, showDate, showShortDate } from './money.ts'
import { frame, home, type Portal, subscriptionPath } from './portal-frame.ts'
import { describePrice } from './price-text.ts'
import { addressLines } from './statement.ts'

type Subscription = Documents['subscription']

const NOTICES: Readonly<Record<string, string>> = {
  canceled: 'Your subscription is canceled.',
  'card-added': 'Your card is saved.',
  'card-default': 'Your default card is changed.',
  'card-removed': 'Your card is removed.',
  'card-subscription': 'The card of your subscription is changed.',
  'details-changed': 'Your billing information is updated.',
  'offer-accepted': 'Your discount is applied. Glad you stay.',
  paused: 'Your subscription is paused.',
  renewed: 'Your subscription goes on.',
  resumed: 'Your subscription goes on.',
  'resume-unpaid': 'Your subscription goes on once its invoice is paid.',
  updated: 'Your subscription is updated.',
}

const INVOICES_SHOWN = 6

/** Everything about a customer's billing, as far as the configuration shows it. */
export function showHome(portal: Portal): Answer {
  const { tx, call, customer, features, profile } = portal
  const notice = NOTICES[call.query.get('notice') ?? '']
  const subscriptions = tx
    .where('subscription', 'customer', customer.id)
    .filter((subscription) => !isEnded(subscription))
    .toReversed()
  return frame(portal, {
    title: 'Billing',
    isHome: true,
    body: html`<div class="stack">
        <h1>Billing</h1>
        <p class="soft">
          ${profile.headline ?? `${businessName(tx)} partners with a simulated Stripe for simplified billing.`}
        </p>
      </div>
      ${notice === undefined ? '' : html`<p class="notice good" role="status" data-testid="notice">${notice}</p>`}
      <section class="card" aria-labelledby="plans">
        <h2 id="plans">
          ${subscriptions.length > 1 ? 'Current subscriptions' : 'Current subscription'}
        </h2>
        ${
          subscriptions.length === 0
            ? html`<p class="soft">You have no subscription.</p>`
            : subscriptions.map((subscription, index) =>
                index === 0
                  ? subscriptionBlock(portal, subscription)
                  : html`<hr class="rule" />
                      ${subscriptionBlock(portal, subscription)}`,
              )
        }
      </section>
      ${features.payment_method_update.enabled ? cards(portal) : ''}
      ${features.customer_update.enabled ? details(portal) : ''}
      ${features.invoice_history.enabled ? invoices(portal) : ''}`,
  })
}

/** What a subscription consists of, in a line for each item. */
export function planLines(tx: Transaction, subscription: Subscription): Html {
  return html`${itemsOf(tx, subscription.id).map((item) => {
    const price = tx.get('price', item.price)
    const product = tx.get('product', price.product)
    const text = describePrice({
      price,
      currency: subscription.currency,
      unitLabel: product.unit_label ?? null,
      quantity: item.quantity ?? null,
    })
    return html`<div>
      <strong>${product.name}</strong>
      <div class="soft">${text}</div>
    </div>`
  })}`
}

function subscriptionBlock(portal: Portal, subscription: Subscription): Html {
  const { tx, features } = portal
  const { id } = subscription
  const canSwitch =
    features.subscription_update.enabled && 'item' in switchableItem(tx, subscription)
  const link = (what: string, text: string): Html =>
    html`<a class="button plain small" href="${subscriptionPath(portal, id, what)}">${text}</a>`
  const isEnding = subscription.cancel_at !== null
  return html`<div class="gap" data-testid="subscription">
    <div class="spread">
      <div class="stack">${planLines(tx, subscription)}</div>
      ${statusBadge(isEnding ? 'ending' : subscription.status)}
    </div>
    <p class="soft">${whatComes(tx, subscription)}</p>
    ${cardOf(portal, subscription)}
    <div class="actions">
      ${canSwitch ? link('update', 'Update subscription') : ''}
      ${features.subscription_cancel.enabled && canRenew(subscription) ? link('renew', 'Renew subscription') : ''}
      ${features.subscription_pause.enabled && canPause(subscription) ? link('pause', 'Pause subscription') : ''}
      ${features.subscription_pause.enabled && subscription.status === 'paused' ? link('resume', 'Resume subscription') : ''}
      ${features.subscription_cancel.enabled && canCancel(subscription) ? link('cancel', 'Cancel subscription') : ''}
    </div>
  </div>`
}

/** What happens next to a subscription, and when. */
function whatComes(tx: Transaction, subscription: Subscription): string {
  const end = Math.min(...itemsOf(tx, subscription.id).map((item) => item.current_period_end))
  if (subscription.cancel_at !== null) {
    return `Your subscription ends on ${showDate(subscription.cancel_at)}.`
  }
  const planned = tx.find('subscription_schedule', subscription.schedule ?? '')
  const change = planned?.current_phase?.end_date
  if (planned !== undefined && change !== undefined && planned.inner.phases.length > 1) {
    return `Your subscription changes on ${showDate(change)}.`
  }
  switch (subscription.status) {
    case 'trialing':
      return `Your free trial ends on ${showDate(subscription.trial_end ?? end)}.`
    case 'paused': {
      const job = tx.find('job', `portal_resume:${subscription.id}`)
      return job === undefined
        ? 'Nothing is charged until you resume it.'
        : `It goes on by itself on ${showDate(job.dueAt)}.`
    }
    case 'past_due':
    case 'unpaid':
      return 'The last payment failed. Pay the open invoice below, or change your card.'
    case 'incomplete':
      return 'The first payment is still open.'
    default:
      return `Your subscription renews on ${showDate(end)}.`
  }
}

function cardOf(portal: Portal, subscription: Subscription): Html {
  const { tx, features } = portal
  const method = tx.find('payment_method', subscription.default_payment_method ?? '')
  if (method === undefined || !features.payment_method_update.enabled) return { html: '' }
  return html`<p class="soft">
    Paid with ${cardName(method)}
    <a
      href="${subscriptionPath(portal, subscription.id, 'card')}"
      aria-label="Change the card of this subscription"
      >Change</a
    >
  </p>`
}

export function savedCards(
  tx: Transaction,
  customer: Documents['customer'],
): readonly Documents['payment_method'][] {
  return tx.where('payment_method', 'customer', customer.id).toReversed()
}

function cards(portal: Portal): Html {
  const { tx, customer } = portal
  const methods = savedCards(tx, customer)
  return html`<section class="card" aria-labelledby="cards">
    <h2 id="cards">Payment methods</h2>
    ${
      methods.length === 0
        ? html`<p class="soft">No card is saved.</p>`
        : html`<ul class="lines stacked">
            ${methods.map((method) => cardRow(portal, method))}
          </ul>`
    }
    <p class="actions">
      <a class="button plain small" href="${home(portal)}/cards/new">Add payment method</a>
    </p>
  </section>`
}

function cardRow(portal: Portal, method: Documents['payment_method']): Html {
  const { tx, call, customer } = portal
  const use = usesOfCard(tx, customer, method.id)
  const name = cardName(method)
  const { card } = method
  const expiry = `${String(card?.exp_month ?? 0).padStart(2, '0')}/${card?.exp_year ?? ''}`
  const button = (action: string, text: string, label: string): Html =>
    postForm(
      call,
      html`<input type="hidden" name="method" value="${method.id}" />
        <button class="link quiet" name="action" value="${action}" aria-label="${label}">
          ${text}
        </button>`,
      { path: `${home(portal)}/cards` },
    )
  return html`<li>
    <div>
      <strong>${name}</strong>
      ${use === 'default' ? html`<span class="badge">Default</span>` : ''}
      ${use === 'subscription' ? html`<span class="badge">In use</span>` : ''}
      <small>Expires ${expiry}</small>
    </div>
    <div class="actions">
      ${use === 'default' ? '' : button('default', 'Make default', `Make ${name} the default`)}
      ${use === null ? button('remove', 'Remove', `Remove ${name}`) : ''}
    </div>
  </li>`
}

function details(portal: Portal): Html {
  const { tx, customer } = portal
  const taxIds = tx.where('tax_id', 'customer', customer.id)
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['Name', known(customer.name)],
    ['Email', known(customer.email)],
    ['Phone', known(customer.phone)],
    ['Address', addressLines(customer.address)],
    ['Tax number', taxIds.map(({ type, value }) => `${taxIdLabel(type)} ${value}`)],
  ]
  const filled = rows.filter(([, values]) => values.length > 0)
  return html`<section class="card" aria-labelledby="details">
    <h2 id="details">Billing information</h2>
    ${filled.length === 0 ? html`<p class="soft">Nothing is filled in yet.</p>` : ''}
    <dl class="facts">
      ${filled.map(
        ([label, values]) =>
          html`<dt>${label}</dt>
            <dd>${values.map((value) => html`<div>${value}</div>`)}</dd>`,
      )}
    </dl>
    <p class="actions">
      <a class="button plain small" href="${home(portal)}/details">Update information</a>
    </p>
  </section>`
}

function known(value: string | null | undefined): readonly string[] {
  return value === null || value === undefined || value === '' ? [] : [value]
}

function invoices(portal: Portal): Html {
  const { tx, call, customer } = portal
  const all = tx
    .where('invoice', 'customer', customer.id)
    .filter(({ status, inner }) => status !== 'draft' && !inner.isDeleted)
    .toReversed()
  const isAll = call.query.has('all')
  const shown = isAll ? all : all.slice(0, INVOICES_SHOWN)
  return html`<section class="card" aria-labelledby="invoices">
    <h2 id="invoices">Invoice history</h2>
    ${all.length === 0 ? html`<p class="soft">No invoices yet.</p>` : invoiceTable(shown)}
    ${
      shown.length < all.length
        ? html`<p><a href="${home(portal)}?all#invoices">Show all ${all.length} invoices</a></p>`
        : ''
    }
  </section>`
}

function invoiceTable(shown: readonly Documents['invoice'][]): Html {
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          <th scope="col">Date</th>
          <th scope="col" class="wide">Number</th>
          <th scope="col">Status</th>
          <th scope="col" class="number">Amount</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          (invoice) =>
            html`<tr data-testid="invoice">
              <td>
                <a href="${invoice.hosted_invoice_url ?? ''}">${showShortDate(invoice.created)}</a>
              </td>
              <td class="wide">${invoice.number}</td>
              <td>${statusBadge(invoice.status ?? 'open')}</td>
              <td class="number">${showAmount(invoice.total, invoice.currency)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
