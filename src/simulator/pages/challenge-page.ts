import { completeChallenge } from '../payments/attempt.ts'
import { completeSetupChallenge } from '../payments/setup.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Answer } from '../wire/http.ts'
import { successUrl } from './checkout-page.ts'
import { html } from './html.ts'
import { message, page, redirect } from './layout.ts'
import { showAmount } from './money.ts'
import type { Page, PageCall } from './pages.ts'

const KINDS = ['payment_intent', 'setup_intent'] as const

/** Where the card's bank asks its holder: 3-D Secure, with both ways out. */
export const challengePages: readonly Page[] = [
  {
    method: 'GET',
    path: '/authenticate/{id}',
    kinds: KINDS,
    show: ({ id, running }) => running.realm.transact((tx) => ask(tx, id)),
  },
  { method: 'POST', path: '/authenticate/{id}', kinds: KINDS, show: decide },
]

function intentOf(tx: Transaction, id: string) {
  return tx.find('payment_intent', id) ?? tx.get('setup_intent', id)
}

function ask(tx: Transaction, id: string): Answer {
  const intent = intentOf(tx, id)
  if (intent.status !== 'requires_action') {
    return message('Nothing to authenticate', 'This payment does not wait for authentication.')
  }
  const what =
    intent.object === 'payment_intent'
      ? `a payment of ${showAmount(intent.amount, intent.currency)}`
      : 'saving your card'
  return page(
    '3-D Secure',
    html`<main>
      <div class="card">
        <h1>3-D Secure challenge</h1>
        <p>Your bank asks you to confirm ${what}. In this simulation you choose how it ends.</p>
        <form method="post" action="/authenticate/${id}">
          <button name="outcome" value="complete" data-testid="complete">
            Complete authentication
          </button>
          <button class="plain" name="outcome" value="fail" data-testid="fail">
            Fail authentication
          </button>
        </form>
      </div>
    </main>`,
  )
}

async function decide({ id, running, form }: PageCall): Promise<Answer> {
  const isPassed = form.get('outcome') === 'complete'
  const target = running.realm.transact((tx) => {
    const intent = intentOf(tx, id)
    if (intent.status !== 'requires_action') return null
    if (intent.object === 'payment_intent') completeChallenge(tx, id, isPassed)
    else completeSetupChallenge(tx, id, isPassed)
    return nextPage(tx, id)
  })
  if (target === null) return message('Nothing to authenticate', 'This was decided before.')
  await Promise.race([running.dispatcher.whenIdle(), giveUp()])
  return redirect(target)
}

const WEBHOOK_WAIT_MS = 10_000

function giveUp(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, WEBHOOK_WAIT_MS).unref()
  })
}

/** Back to the checkout that asked, or to the return URL with what Stripe adds to it. */
function nextPage(tx: Transaction, id: string): string {
  const intent = intentOf(tx, id)
  const session = tx.find('checkout.session', intent.inner.checkoutSession ?? '')
  if (session !== undefined) {
    return session.status === 'complete' ? successUrl(session) : `/c/pay/${session.id}`
  }
  const { returnUrl } = intent.inner
  if (returnUrl === null || !URL.canParse(returnUrl)) return `/authenticate/${id}`
  const url = new URL(returnUrl)
  url.searchParams.set(intent.object, id)
  url.searchParams.set(`${intent.object}_client_secret`, intent.client_secret ?? '')
  url.searchParams.set('redirect_status', intent.status === 'succeeded' ? 'succeeded' : 'failed')
  return url.href
}
