import { isEnded } from '../billing/subscription-work.ts'
import { saveCard, useCard, usesOfCard } from '../portal/cards.ts'
import { openFlow } from '../portal/flow.ts'
import { detachMethod } from '../payments/payment-methods.ts'
import type { Documents } from '../store/documents.ts'
import type { Answer } from '../wire/http.ts'
import {
  cardFields,
  exampleCards,
  fieldOfDecline,
  filledIn,
  insertEnteredCard,
  readCard,
} from './card-form.ts'
import { type Entered, enteredIn, flag, postForm, problemNotice, type Problems } from './fields.ts'
import { html, type Html } from './html.ts'
import { businessName, redirect } from './layout.ts'
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
import { cardName } from './card-name.ts'
import { planLines, savedCards } from './portal-home.ts'

const FEATURE = 'payment_method_update'

export const portalCardPages: readonly Page[] = [
  portalPage({ method: 'POST', path: '/cards', feature: FEATURE, show: changeCards }),
  portalPage({
    method: 'GET',
    path: '/cards/new',
    feature: FEATURE,
    show: (portal) => addPage(portal, {}),
  }),
  portalPage({
    method: 'POST',
    path: '/cards/new',
    feature: FEATURE,
    show: (portal) => add(portal, null),
  }),
  portalPage({
    method: 'GET',
    path: '/subscriptions/{subscription}/card',
    feature: FEATURE,
    show: (portal) =>
      forSubscription(portal, (subscription) => choosePage(portal, subscription, {})),
  }),
  portalPage({
    method: 'POST',
    path: '/subscriptions/{subscription}/card',
    feature: FEATURE,
    show: (portal) => forSubscription(portal, (subscription) => choose(portal, subscription)),
  }),
]

function forSubscription(
  portal: Portal,
  show: (subscription: Documents['subscription']) => Answer,
): Answer {
  const subscription = ownSubscription(portal)
  return subscription === undefined || isEnded(subscription)
    ? notOffered(portal)
    : show(subscription)
}

/** Default or removed: the buttons beside the saved cards. */
function changeCards(portal: Portal): Answer {
  const { tx, call, customer, session } = portal
  const method = tx.find('payment_method', call.form.get('method') ?? '')
  if (method?.customer !== customer.id) return notOffered(portal)
  if (call.form.get('action') === 'default') {
    useCard(tx, session, method.id, null)
    return next(portal, 'card-default', FEATURE)
  }
  // The last way to pay for something running stays; another one has to come first.
  if (call.form.get('action') !== 'remove' || usesOfCard(tx, customer, method.id) !== null) {
    return notOffered(portal)
  }
  detachMethod(tx, method)
  return redirect(`${home(portal)}?notice=card-removed`)
}

interface State {
  readonly entered?: Entered
  readonly problems?: Problems
  readonly problem?: string | undefined
}

const FORM = 'card-form'

function addPage(portal: Portal, state: State): Answer {
  const { tx, call, session } = portal
  return frame(portal, {
    title: 'Add payment method',
    body: html`<div class="stack">
        <h1>${openFlow(session) === null ? 'Add payment method' : 'Update your payment method'}</h1>
        <p class="soft">${businessName(tx)} charges this card by default from now on.</p>
      </div>
      ${problemNotice(state.problem ?? failureOf(portal))}
      <div class="card">${cardForm(portal, state)} ${exampleCards(FORM, call.incoming.path)}</div>`,
  })
}

function cardForm({ call }: Portal, { entered = {}, problems = {} }: State): Html {
  return postForm(
    call,
    html`${cardFields(entered, problems)}
      <button class="big" name="action" value="save" data-testid="submit">Save card</button>`,
    { id: FORM },
  )
}

/** Why the card did not get through its bank's challenge, after coming back from there. */
function failureOf({ tx, session, call }: Portal): string | undefined {
  if (!call.query.has('failed')) return undefined
  return tx.find('setup_intent', session.inner.setupIntent ?? '')?.last_setup_error?.message
}

function add(portal: Portal, subscription: Documents['subscription'] | null): Answer {
  const { tx, call, session, customer } = portal
  const entered = enteredIn(call.form)
  const show = (state: State): Answer =>
    subscription === null ? addPage(portal, state) : choosePage(portal, subscription, state)
  const filled = filledIn(entered)
  if (filled !== undefined) return show({ entered: filled })
  const read = readCard(entered, tx.now(null))
  if ('problems' in read) return show({ entered, problems: read.problems })
  const method = insertEnteredCard(tx, read.card, { email: customer.email })
  const { result, intent } = saveCard(tx, session, method.id, {
    subscription: subscription?.id ?? null,
    returnUrl: `${tx.realm.baseUrl}${home(portal)}/finish/card`,
  })
  switch (result.kind) {
    case 'succeeded':
      return saved(portal, subscription?.id ?? null)
    case 'requires_action':
      return redirect(`/authenticate/${intent}`)
    case 'declined': {
      const { code, message: problem } = result.decline
      return show({ entered, problem, problems: { [fieldOfDecline(code)]: problem } })
    }
  }
}

function saved(portal: Portal, subscription: string | null): Answer {
  return next(portal, subscription === null ? 'card-added' : 'card-subscription', FEATURE)
}

/** Back from the bank. */
export function finishCard(portal: Portal): Answer {
  const { tx, session } = portal
  const { setupIntent, setupFor } = session.inner
  const intent = tx.find('setup_intent', setupIntent ?? '')
  if (intent?.status === 'succeeded') {
    return saved(portal, setupFor)
  }
  const path =
    setupFor === null ? `${home(portal)}/cards/new` : subscriptionPath(portal, setupFor, 'card')
  return redirect(`${path}?failed`)
}

function choosePage(portal: Portal, subscription: Documents['subscription'], state: State): Answer {
  const { tx, call, customer } = portal
  const methods = savedCards(tx, customer)
  return frame(portal, {
    title: 'Change card',
    body: html`<h1>Change the card of your subscription</h1>
      ${problemNotice(state.problem ?? failureOf(portal))}
      <div class="card">
        ${planLines(tx, subscription)}
        ${postForm(
          call,
          html`<fieldset class="choices">
              <legend class="hidden">Saved cards</legend>
              ${methods.map(
                (method) =>
                  html`<label class="choice">
                    <input
                      type="radio"
                      name="method"
                      value="${method.id}"
                      ${flag('checked', method.id === subscription.default_payment_method)}
                    />
                    <span>${cardName(method)}</span>
                  </label>`,
              )}
            </fieldset>
            <button name="action" value="choose">Use this card</button>`,
        )}
      </div>
      <div class="card">
        <h2>Or use another card</h2>
        ${cardForm(portal, state)} ${exampleCards(FORM, call.incoming.path)}
      </div>`,
  })
}

function choose(portal: Portal, subscription: Documents['subscription']): Answer {
  const { tx, call, customer, session } = portal
  if (call.form.get('action') !== 'choose') return add(portal, subscription)
  const method = tx.find('payment_method', call.form.get('method') ?? '')
  if (method?.customer !== customer.id) {
    return choosePage(portal, subscription, { problem: 'Choose a card.' })
  }
  useCard(tx, session, method.id, subscription.id)
  return saved(portal, subscription.id)
}
