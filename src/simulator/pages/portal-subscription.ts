import { updateSubscription } from '../billing/subscription-edit.ts'
import { itemsOf } from '../billing/subscription-work.ts'
import {
  canCancel,
  canRenew,
  cancelInPortal,
  type Feedback,
  renewInPortal,
} from '../portal/cancel.ts'
import { openFlow } from '../portal/flow.ts'
import {
  canPause,
  pauseEnd,
  pauseInPortal,
  type PauseLength,
  resumeInPortal,
} from '../portal/pause.ts'
import type { Documents } from '../store/documents.ts'
import { StripeError } from '../wire/errors.ts'
import type { Answer } from '../wire/http.ts'
import { flag, postForm, problemNotice } from './fields.ts'
import { html, type Html } from './html.ts'
import { redirect } from './layout.ts'
import { showDate } from './money.ts'
import type { Page } from './pages.ts'
import {
  frame,
  home,
  next,
  notOffered,
  ownSubscription,
  type Portal,
  portalPage,
} from './portal-frame.ts'
import { planLines } from './portal-home.ts'
import { couponText } from './price-text.ts'

type Subscription = Documents['subscription']
type Show = (portal: Portal, subscription: Subscription) => Answer

const CANCEL = 'subscription_cancel'
const PAUSE = 'subscription_pause'

export const portalSubscriptionPages: readonly Page[] = [
  page('GET', 'cancel', CANCEL, canCancel, (portal, subscription) =>
    cancelPage(portal, subscription),
  ),
  page('POST', 'cancel', CANCEL, canCancel, cancel),
  page('GET', 'renew', CANCEL, canRenew, renewPage),
  page('POST', 'renew', CANCEL, canRenew, renew),
  page('GET', 'pause', PAUSE, canPause, (portal, subscription) => pausePage(portal, subscription)),
  page('POST', 'pause', PAUSE, canPause, pause),
  page('GET', 'resume', PAUSE, isPaused, resumePage),
  page('POST', 'resume', PAUSE, isPaused, resume),
]

function isPaused({ status }: Subscription): boolean {
  return status === 'paused'
}

/** A page about one subscription, which is there while the subscription allows what it is for. */
function page(
  method: 'GET' | 'POST',
  what: string,
  feature: typeof CANCEL | typeof PAUSE,
  isPossible: (subscription: Subscription) => boolean,
  show: Show,
): Page {
  return portalPage({
    method,
    path: `/subscriptions/{subscription}/${what}`,
    feature,
    show: (portal) => {
      const subscription = ownSubscription(portal)
      return subscription === undefined || !isPossible(subscription)
        ? notOffered(portal)
        : show(portal, subscription)
    },
  })
}

const REASONS: Readonly<Record<Feedback, string>> = {
  customer_service: 'Customer service was less than expected',
  low_quality: 'Quality was less than expected',
  missing_features: 'I need more features',
  other: 'Other reason',
  switched_service: 'I found an alternative',
  too_complex: 'Ease of use was less than expected',
  too_expensive: 'It is too expensive',
  unused: 'I no longer need it',
}

function cancelPage(portal: Portal, subscription: Subscription, problem?: string): Answer {
  const { tx, call, features } = portal
  const { mode, cancellation_reason: reason } = features.subscription_cancel
  const end = Math.max(...itemsOf(tx, subscription.id).map((item) => item.current_period_end))
  const text =
    mode === 'immediately'
      ? 'Your subscription ends at once.'
      : `Your subscription stays available until ${showDate(end)}, and is not charged again.`
  return frame(portal, {
    title: 'Cancel subscription',
    body: html`<h1>Cancel your subscription</h1>
      ${problemNotice(problem)} ${offer(portal)}
      <div class="card">
        <div>${planLines(tx, subscription)}</div>
        <p>${text}</p>
        ${postForm(
          call,
          html`${reason.enabled ? reasonFields(reason.options) : ''}
            <div class="actions">
              <button class="danger" name="action" value="cancel" data-testid="submit">
                Cancel subscription
              </button>
              ${openFlow(portal.session) === null ? html`<a class="button plain" href="${home(portal)}">Keep subscription</a>` : ''}
            </div>`,
        )}
      </div>`,
  })
}

function reasonFields(options: readonly Feedback[]): Html {
  return html`<fieldset class="choices">
      <legend class="label">Why do you cancel? <small>optional</small></legend>
      ${options.map(
        (option) =>
          html`<label class="choice">
            <input type="radio" name="feedback" value="${option}" /><span>${REASONS[option]}</span>
          </label>`,
      )}
    </fieldset>
    <div class="field">
      <div class="label-row label">
        <label for="comment">Anything else?</label><small>optional</small>
      </div>
      <textarea id="comment" name="comment" maxlength="1000"></textarea>
    </div>`
}

/** What a merchant offers to those who think of leaving. */
function offer(portal: Portal): Html {
  const coupon = offeredCoupon(portal)
  if (coupon === undefined) return { html: '' }
  return html`<div class="card" data-testid="offer">
    <h2>Stay for less: ${couponText(portal.tx, coupon.id)}</h2>
    <p class="soft">Keep your subscription and get this discount on your next invoice.</p>
    ${postForm(portal.call, html`<p><button name="action" value="accept-offer">Keep subscription with discount</button></p>`)}
  </div>`
}

function offeredCoupon({ tx, session }: Portal): Documents['coupon'] | undefined {
  const retention = openFlow(session)?.subscription_cancel?.retention
  return tx.find('coupon', retention?.coupon_offer?.coupon ?? '')
}

function cancel(portal: Portal, subscription: Subscription): Answer {
  const { tx, call, features } = portal
  const coupon = offeredCoupon(portal)
  if (call.form.get('action') === 'accept-offer' && coupon !== undefined) {
    const kept = subscription.discounts.map((discount) => ({ discount }))
    return attempt(
      portal,
      (problem) => cancelPage(portal, subscription, problem),
      () => {
        updateSubscription(tx, subscription.id, { discounts: [...kept, { coupon: coupon.id }] })
        return next(portal, 'offer-accepted', CANCEL)
      },
    )
  }
  const { options, enabled } = features.subscription_cancel.cancellation_reason
  const feedback = options.find((option) => option === call.form.get('feedback'))
  const comment = call.form.get('comment')?.trim().slice(0, 1_000) ?? ''
  return attempt(
    portal,
    (problem) => cancelPage(portal, subscription, problem),
    () => {
      cancelInPortal(tx, subscription.id, features.subscription_cancel, {
        feedback: enabled ? (feedback ?? null) : null,
        comment: enabled && comment !== '' ? comment : null,
      })
      return next(portal, 'canceled', CANCEL)
    },
  )
}

/** Does something as one piece: what Stripe would refuse is said on the page, and nothing of it remains. */
function attempt({ tx }: Portal, refused: (problem: string) => Answer, work: () => Answer): Answer {
  const undo = tx.savepoint()
  try {
    return work()
  } catch (error) {
    if (!(error instanceof StripeError)) throw error
    undo()
    return refused(error.body.message)
  }
}

function renewPage(portal: Portal, subscription: Subscription): Answer {
  return confirmPage(portal, subscription, {
    title: 'Renew your subscription',
    text: `It will no longer end on ${showDate(subscription.cancel_at ?? 0)}, and is charged as before.`,
    button: 'Renew subscription',
  })
}

function renew(portal: Portal, subscription: Subscription): Answer {
  return attempt(
    portal,
    () => renewPage(portal, subscription),
    () => {
      renewInPortal(portal.tx, subscription.id)
      return redirect(`${home(portal)}?notice=renewed`)
    },
  )
}

function resumePage(portal: Portal, subscription: Subscription, problem?: string): Answer {
  return confirmPage(portal, subscription, {
    title: 'Resume your subscription',
    text: 'A new period begins today and is charged now.',
    button: 'Resume subscription',
    problem,
  })
}

function resume(portal: Portal, subscription: Subscription): Answer {
  const { tx } = portal
  return attempt(
    portal,
    (problem) => resumePage(portal, subscription, problem),
    () => {
      resumeInPortal(tx, subscription.id)
      const isUnpaid = tx.get('subscription', subscription.id).status === 'paused'
      return redirect(`${home(portal)}?notice=${isUnpaid ? 'resume-unpaid' : 'resumed'}`)
    },
  )
}

interface Confirmation {
  readonly title: string
  readonly text: string
  readonly button: string
  readonly problem?: string | undefined
}

function confirmPage(
  portal: Portal,
  subscription: Subscription,
  { title, text, button, problem }: Confirmation,
): Answer {
  return frame(portal, {
    title,
    body: html`<h1>${title}</h1>
      ${problemNotice(problem)}
      <div class="card">
        <div>${planLines(portal.tx, subscription)}</div>
        <p>${text}</p>
        ${postForm(
          portal.call,
          html`<div class="actions">
            <button name="action" value="confirm" data-testid="submit">${button}</button>
            <a class="button plain" href="${home(portal)}">Not now</a>
          </div>`,
        )}
      </div>`,
  })
}

function pausePage(portal: Portal, subscription: Subscription, problem?: string): Answer {
  const { tx, call, features } = portal
  const { type, interval_options: options } = features.subscription_pause.duration
  const now = tx.now(subscription.test_clock)
  const isChosen = type === 'interval_options' && options.length > 0
  return frame(portal, {
    title: 'Pause subscription',
    body: html`<h1>Pause your subscription</h1>
      ${problemNotice(problem)}
      <div class="card">
        <div>${planLines(tx, subscription)}</div>
        <p>
          It pauses at once, and nothing is charged meanwhile. What you have paid for and do not use
          is credited.
        </p>
        ${postForm(
          call,
          html`${
              isChosen
                ? html`<fieldset class="choices">
                    <legend class="label">For how long?</legend>
                    ${options.map(
                      (option, index) =>
                        html`<label class="choice">
                          <input
                            type="radio"
                            name="length"
                            value="${index}"
                            ${flag('checked', index === 0)}
                          />
                          <span
                            >${lengthText(option)}<small
                              >Until ${showDate(pauseEnd(now, option))}</small
                            ></span
                          >
                        </label>`,
                    )}
                  </fieldset>`
                : ''
            }
            <div class="actions">
              <button name="action" value="pause" data-testid="submit">Pause subscription</button>
            </div>`,
        )}
      </div>`,
  })
}

function lengthText({ interval, interval_count: count }: PauseLength): string {
  return count === 1 ? `1 ${interval}` : `${count} ${interval}s`
}

function pause(portal: Portal, subscription: Subscription): Answer {
  const { tx, call, features } = portal
  const { type, interval_options: options } = features.subscription_pause.duration
  const length = type === 'indefinite' ? null : (options[Number(call.form.get('length'))] ?? null)
  return attempt(
    portal,
    (problem) => pausePage(portal, subscription, problem),
    () => {
      pauseInPortal(tx, subscription.id, length)
      return next(portal, 'paused', PAUSE)
    },
  )
}
