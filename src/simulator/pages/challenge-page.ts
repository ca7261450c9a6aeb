import { completeChallenge } from '../payments/attempt.ts'
import { completeSetupChallenge } from '../payments/setup.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Answer } from '../wire/http.ts'
import { successUrl } from './checkout-links.ts'
import { postForm } from './fields.ts'
import { html, type Html } from './html.ts'
import { businessName, footer, message, modeBar, page, redirect } from './layout.ts'
import { showAmount, showDate } from './money.ts'
import type { Page, PageCall } from './pages.ts'
import { whenWebhooksArrived } from './webhook-wait.ts'

const KINDS = ['payment_intent', 'setup_intent'] as const

/** Where the card's bank asks its holder: 3-D Secure, with both ways out. */
export const challengePages: readonly Page[] = [
  {
    method: 'GET',
    path: '/authenticate/{id}',
    kinds: KINDS,
    show: (call) => call.running.realm.transact((tx) => ask(call, tx)),
  },
  { method: 'POST', path: '/authenticate/{id}', kinds: KINDS, show: decide },
]

function intentOf(tx: Transaction, id: string) {
  return tx.find('payment_intent', id) ?? tx.get('setup_intent', id)
}

function ask(call: PageCall, tx: Transaction): Answer {
  const { id } = call
  const intent = intentOf(tx, id)
  if (intent.status !== 'requires_action') return nothingToDo(tx, id)
  const { card } = tx.get('payment_method', intent.payment_method ?? '')
  const fact = (name: string, value: string): Html =>
    html`<dt>${name}</dt>
      <dd>${value}</dd>`
  return page(
    '3-D Secure',
    html`${modeBar(intent.livemode)}
      <main class="sheet">
        <div class="column narrow">
          <div class="card">
            <div class="spread">
              <p class="brand"><span class="mark" aria-hidden="true">B</span>Your bank</p>
              <span class="badge">3-D Secure</span>
            </div>
            <div class="stack">
              <h1>
                ${intent.object === 'payment_intent' ? 'Confirm your payment' : 'Confirm your card'}
              </h1>
              <p class="soft">
                A real bank would now ask for a code or its app. Here you choose how it ends.
              </p>
            </div>
            <dl class="facts">
              ${fact('Merchant', businessName(tx))}
              ${fact('Amount', intent.object === 'payment_intent' ? showAmount(intent.amount, intent.currency) : 'Nothing now, the card is saved')}
              ${fact('Date', showDate(tx.now(null)))}
              ${fact('Card', `${card?.brand.toUpperCase() ?? 'Card'} •••• ${card?.last4 ?? ''}`)}
            </dl>
            ${postForm(
              call,
              html`<button class="big" name="outcome" value="complete" data-testid="complete">
                  Complete authentication
                </button>
                <button class="big plain" name="outcome" value="fail" data-testid="fail">
                  Fail authentication
                </button>`,
            )}
          </div>
        </div>
      </main>
      ${footer()}`,
    { leaves: true },
  )
}

function nothingToDo(tx: Transaction, id: string): Answer {
  const target = nextPage(tx, id)
  return message('Nothing to authenticate', {
    text: 'This payment does not wait for authentication any more.',
    ...(target === undefined ? {} : { link: { href: target, text: 'Continue' } }),
  })
}

async function decide(call: PageCall): Promise<Answer> {
  const { id, running, form } = call
  const outcome = form.get('outcome')
  const answer = running.realm.transact((tx) => {
    const intent = intentOf(tx, id)
    if (intent.status !== 'requires_action') return nothingToDo(tx, id)
    if (outcome !== 'complete' && outcome !== 'fail') return ask(call, tx)
    const isPassed = outcome === 'complete'
    if (intent.object === 'payment_intent') completeChallenge(tx, id, isPassed)
    else completeSetupChallenge(tx, id, isPassed)
    const target = nextPage(tx, id)
    return target === undefined ? outcomePage(isPassed) : redirect(target)
  })
  await whenWebhooksArrived(running)
  return answer
}

function outcomePage(isPassed: boolean): Answer {
  return message(isPassed ? 'Authentication complete' : 'Authentication failed', {
    text: 'You can close this window and return to the merchant.',
    kind: isPassed ? 'good' : 'bad',
  })
}

/** Back to the page of ours that asked, or to the return URL with what Stripe adds to it. */
function nextPage(tx: Transaction, id: string): string | undefined {
  const intent = intentOf(tx, id)
  const session = tx.find('checkout.session', intent.inner.checkoutSession ?? '')
  if (session !== undefined) {
    return session.status === 'complete' ? successUrl(session) : `/c/pay/${session.id}`
  }
  const { returnUrl } = intent.inner
  if (intent.object === 'payment_intent' && intent.inner.invoice !== null && returnUrl === null) {
    return `/i/${intent.inner.invoice}`
  }
  if (returnUrl === null || !URL.canParse(returnUrl)) return undefined
  const url = new URL(returnUrl)
  url.searchParams.set(intent.object, id)
  url.searchParams.set(`${intent.object}_client_secret`, intent.client_secret ?? '')
  url.searchParams.set('redirect_status', intent.status === 'succeeded' ? 'succeeded' : 'failed')
  return url.href
}
