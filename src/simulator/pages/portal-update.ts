import { openFlow } from '../portal/flow.ts'
import {
  applyChange,
  changeOfFlow,
  type ChangePreview,
  changeToPrice,
  type PlanChange,
  previewChange,
} from '../portal/plan-change.ts'
import { planChoices, switchableItem } from '../portal/plan-choices.ts'
import type { Documents } from '../store/documents.ts'
import { StripeError } from '../wire/errors.ts'
import type { Answer } from '../wire/http.ts'
import { flag, postForm, problemNotice, type Problems, textField } from './fields.ts'
import { html, type Html } from './html.ts'
import { lineTable } from './invoice-page.ts'
import { redirect } from './layout.ts'
import { showAmount, showDate } from './money.ts'
import type { Page } from './pages.ts'
import {
  frame,
  home,
  next,
  notOffered,
  ownSubscription,
  type Portal,
  portalPage,
  subscriptionPath,
} from './portal-frame.ts'
import { planLines } from './portal-home.ts'
import { couponText, describePrice } from './price-text.ts'
import { readCode } from './promotion.ts'
import { invoiceStatement } from './statement.ts'

type Subscription = Documents['subscription']
const FEATURE = 'subscription_update'
const PATH = '/subscriptions/{subscription}'

export const portalUpdatePages: readonly Page[] = [
  portalPage({
    method: 'GET',
    path: `${PATH}/update`,
    feature: FEATURE,
    show: (portal) => choosePage(portal),
  }),
  portalPage({
    method: 'GET',
    path: `${PATH}/update/preview`,
    feature: FEATURE,
    show: (portal) => withWish(portal, portal.call.query, (change) => confirmPage(portal, change)),
  }),
  portalPage({
    method: 'POST',
    path: `${PATH}/update/preview`,
    feature: FEATURE,
    show: (portal) =>
      withWish(portal, portal.call.form, (change) => apply(portal, change, 'subscription_update')),
  }),
  portalPage({
    method: 'GET',
    path: `${PATH}/confirm`,
    feature: FEATURE,
    show: (portal) => withFlow(portal, (change) => confirmPage(portal, change)),
  }),
  portalPage({
    method: 'POST',
    path: `${PATH}/confirm`,
    feature: FEATURE,
    show: (portal) =>
      withFlow(portal, (change) => apply(portal, change, 'subscription_update_confirm')),
  }),
]

/** Step one: to what. */
function choosePage(portal: Portal, problems: Problems = {}): Answer {
  const { tx, features } = portal
  const subscription = ownSubscription(portal)
  if (subscription === undefined) return notOffered(portal)
  const switchable = switchableItem(tx, subscription)
  if ('reason' in switchable) {
    return frame(portal, {
      title: 'Update subscription',
      status: 409,
      body: html`<h1>Update your subscription</h1>
        <p class="notice warn">${switchable.reason}</p>`,
    })
  }
  const { item } = switchable
  const choices = planChoices(tx, features.subscription_update, subscription, item)
  const hasQuantity = choices.some(({ quantity }) => quantity !== null)
  return frame(portal, {
    title: 'Update subscription',
    body: html`<h1>Update your subscription</h1>
      ${portal.call.query.has('failed') ? problemNotice('The change was not paid, so nothing has changed.') : ''}
      <div class="card">
        <form method="get" action="${subscriptionPath(portal, subscription.id, 'update/preview')}">
          <fieldset class="choices">
            <legend class="hidden">Plan</legend>
            ${choices.map(
              ({ price, product, isCurrent }, index) =>
                html`<label class="choice">
                  <input
                    type="radio"
                    name="price"
                    value="${price.id}"
                    ${flag('checked', isCurrent || (index === 0 && !choices.some((choice) => choice.isCurrent)))}
                  />
                  <span>
                    <strong>${product.name}</strong>
                    ${product.description === null ? '' : html`<small>${product.description}</small>`}
                    <small
                      >${describePrice({ price, currency: subscription.currency, unitLabel: product.unit_label ?? null, quantity: null })}</small
                    >
                  </span>
                  ${isCurrent ? html`<span class="badge">Current</span>` : ''}
                </label>`,
            )}
          </fieldset>
          ${
            hasQuantity
              ? html`<div class="field">
                  <label for="quantity">Quantity</label>
                  <input
                    type="number"
                    id="quantity"
                    name="quantity"
                    min="1"
                    value="${item.quantity ?? 1}"
                  />
                </div>`
              : ''
          }
          ${
            allowsCode(portal)
              ? textField({
                  name: 'promotionCode',
                  label: 'Promotion code',
                  entered: Object.fromEntries(portal.call.query),
                  problems,
                  autocomplete: 'off',
                  isOptional: true,
                })
              : ''
          }
          <div class="actions"><button data-testid="continue">Continue</button></div>
        </form>
      </div>`,
  })
}

function allowsCode({ features }: Portal): boolean {
  return features.subscription_update.default_allowed_updates.includes('promotion_code')
}

/** The change that was chosen, if it is one the configuration offers; back to choosing otherwise. */
function withWish(
  portal: Portal,
  wish: URLSearchParams,
  show: (change: PlanChange) => Answer,
): Answer {
  const { tx, features } = portal
  const subscription = ownSubscription(portal)
  if (subscription === undefined) return notOffered(portal)
  const again = redirect(subscriptionPath(portal, subscription.id, 'update'))
  const switchable = switchableItem(tx, subscription)
  if ('reason' in switchable) return again
  const { item } = switchable
  const feature = features.subscription_update
  const choice = planChoices(tx, feature, subscription, item).find(
    ({ price }) => price.id === wish.get('price'),
  )
  if (choice === undefined) return again
  const wanted = Number(wish.get('quantity') ?? item.quantity ?? 1)
  const bounds = choice.quantity
  const isWithin =
    Number.isInteger(wanted) &&
    bounds !== null &&
    wanted >= bounds.minimum &&
    wanted <= (bounds.maximum ?? Number.MAX_SAFE_INTEGER)
  const quantity = isWithin ? wanted : item.quantity
  const typed = allowsCode(portal) ? (wish.get('promotionCode') ?? '').trim() : ''
  const read = typed === '' ? { code: null } : readCode(tx, typed, subscription.customer)
  if ('refusal' in read) return choosePage(portal, { promotionCode: read.refusal })
  if (choice.isCurrent && quantity === item.quantity && read.code === null) return again
  return show(
    changeToPrice(tx, feature, subscription, {
      item,
      price: choice.price.id,
      quantity,
      code: read.code?.id ?? null,
      proratesFrom: instantOf(portal, subscription, wish),
    }),
  )
}

/** The change the merchant's flow is for. */
function withFlow(portal: Portal, show: (change: PlanChange) => Answer): Answer {
  const { tx, features, session, call } = portal
  const subscription = ownSubscription(portal)
  const flow = openFlow(session)?.subscription_update_confirm ?? null
  if (subscription === undefined || flow?.subscription !== subscription.id) {
    return notOffered(portal)
  }
  const from = instantOf(portal, subscription, call.form)
  return show(changeOfFlow(tx, features.subscription_update, flow, from))
}

/** A preview holds this long; later the figures are reckoned anew. */
const PREVIEW_SECONDS = 15 * 60

/** From when on the rest of the period counts: the time of the preview, so that what was shown is what is charged. */
function instantOf({ tx }: Portal, subscription: Subscription, given: URLSearchParams): number {
  const now = tx.now(subscription.test_clock)
  const at = Number(given.get('at'))
  return Number.isInteger(at) && at <= now && at > now - PREVIEW_SECONDS ? at : now
}

/** Step two: what it costs. */
function confirmPage(portal: Portal, change: PlanChange, problem?: string): Answer {
  const { tx, call } = portal
  const subscription = tx.get('subscription', change.subscription)
  const [item] = change.items
  let preview: Html
  try {
    preview = previewChange(tx, change, (shown) => previewOf(portal, change, shown))
  } catch (error) {
    if (!(error instanceof StripeError)) throw error
    return frame(portal, {
      title: 'Confirm your update',
      status: 409,
      body: html`<h1>Confirm your update</h1>
        ${problemNotice(error.body.message)}`,
    })
  }
  return frame(portal, {
    title: 'Confirm your update',
    body: html`<h1>Confirm your update</h1>
      ${problemNotice(problem)}
      <div class="card">
        <div class="row">
          <div class="stack"><span class="soft">From</span>${planLines(tx, subscription)}</div>
          <div class="stack"><span class="soft">To</span>${newPlan(portal, change)}</div>
        </div>
      </div>
      <div class="card">
        ${preview}
        ${postForm(
          call,
          html`<input type="hidden" name="price" value="${item?.price ?? ''}" />
            <input type="hidden" name="quantity" value="${item?.quantity ?? ''}" />
            <input
              type="hidden"
              name="promotionCode"
              value="${call.query.get('promotionCode') ?? call.form.get('promotionCode') ?? ''}"
            />
            <input type="hidden" name="at" value="${change.proratesFrom}" />
            <div class="actions">
              <button name="action" value="confirm" data-testid="submit">Confirm</button>
              ${openFlow(portal.session)?.type === 'subscription_update_confirm' ? '' : html`<a class="button plain" href="${subscriptionPath(portal, subscription.id, 'update')}">Back</a>`}
            </div>`,
        )}
      </div>`,
  })
}

function newPlan({ tx }: Portal, change: PlanChange): Html {
  const discounts = change.discounts ?? []
  return html`${change.items.map((item) => {
    const old = tx.find('subscription_item', item.id ?? '')
    const price = tx.get('price', item.price ?? old?.price ?? '')
    const product = tx.get('product', price.product)
    const { currency } = tx.get('subscription', change.subscription)
    const text = describePrice({
      price,
      currency,
      unitLabel: product.unit_label ?? null,
      quantity: item.quantity ?? old?.quantity ?? null,
    })
    return html`<div>
      <strong>${product.name}</strong>
      <div class="soft">${text}</div>
    </div>`
  })}
  ${discounts.map(({ coupon, promotion_code: code }) => {
    const id = coupon ?? tx.find('promotion_code', code ?? '')?.inner.coupon
    return id === undefined
      ? { html: '' }
      : html`<span class="badge good">${couponText(tx, id)}</span>`
  })}`
}

function previewOf(
  { tx }: Portal,
  change: PlanChange,
  { today, next: renewal }: ChangePreview,
): Html {
  const { currency } = tx.get('subscription', change.subscription)
  const due = showAmount(today?.amount_due ?? 0, currency)
  const shown = today ?? renewal
  const credit = today === null ? 0 : -Math.min(0, today.total)
  return html`<h2>${today === null ? 'Next invoice' : 'What you’ll pay now'}</h2>
    ${shown === null ? html`<p class="soft">There is nothing to pay.</p>` : lineTable(invoiceStatement(tx, shown))}
    <dl class="sums">
      ${
        credit === 0
          ? ''
          : html`<div>
              <dt>Credit for later invoices</dt>
              <dd>${showAmount(credit, currency)}</dd>
            </div>`
      }
      ${
        renewal === null
          ? ''
          : html`<div data-testid="next-invoice">
              <dt>${today === null ? 'Due' : 'Then'} on ${showDate(renewal.created)}</dt>
              <dd>${showAmount(renewal.amount_due, currency)}</dd>
            </div>`
      }
      <div class="total" data-testid="due-today">
        <dt>Amount due today</dt>
        <dd>${due}</dd>
      </div>
    </dl>
    ${change.timing === 'period_end' ? html`<p class="soft">Your plan changes at the end of the current period.</p>` : ''}`
}

/** Step three. */
function apply(
  portal: Portal,
  change: PlanChange,
  type: 'subscription_update' | 'subscription_update_confirm',
): Answer {
  const { tx } = portal
  const result = applyChange(tx, change)
  switch (result.kind) {
    case 'done':
      return next(portal, 'updated', type)
    case 'refused':
      return confirmPage(portal, change, result.message)
    case 'requires_action': {
      const { inner } = tx.get('payment_intent', result.intent)
      const returnUrl = `${tx.realm.baseUrl}${home(portal)}/finish/change`
      tx.update('payment_intent', result.intent, { inner: { ...inner, returnUrl } })
      return redirect(`/authenticate/${result.intent}`)
    }
  }
}

/** Back from the bank, which was asked about the payment of a change. */
export function finishChange(portal: Portal): Answer {
  const { tx, call, customer, session } = portal
  const intent = tx.find('payment_intent', call.query.get('payment_intent') ?? '')
  if (intent?.customer !== customer.id) return redirect(home(portal))
  if (intent.status === 'succeeded') {
    const type = session.flow?.type
    return type === 'subscription_update' || type === 'subscription_update_confirm'
      ? next(portal, 'updated', type)
      : redirect(`${home(portal)}?notice=updated`)
  }
  const invoice = tx.find('invoice', intent.inner.invoice ?? '')
  const subscription = invoice?.inner.subscription ?? ''
  return openFlow(session) === null
    ? redirect(`${subscriptionPath(portal, subscription, 'update')}?failed`)
    : redirect(home(portal))
}
