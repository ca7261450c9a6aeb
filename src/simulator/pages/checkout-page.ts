import { confirmSession, needsCard } from '../checkout/confirmation.ts'
import { quoteSession } from '../checkout/quote.ts'
import { offeredCards, setPromotionCode, setQuantities } from '../checkout/sessions.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Answer } from '../wire/http.ts'
import { fieldOfDecline, filledIn, insertEnteredCard, readCard } from './card-form.ts'
import { readDetails } from './checkout-details.ts'
import { successUrl } from './checkout-links.ts'
import { quantityName } from './checkout-summary.ts'
import { showSession } from './checkout-view.ts'
import { type Entered, enteredIn, type Problems } from './fields.ts'
import { redirect } from './layout.ts'
import type { Page, PageCall } from './pages.ts'
import { readCodeFor } from './promotion.ts'
import { whenWebhooksArrived } from './webhook-wait.ts'

const KIND = 'checkout.session'
type Session = Documents['checkout.session']

export const checkoutPages: readonly Page[] = [
  {
    method: 'GET',
    path: '/c/pay/{id}',
    kinds: [KIND],
    show: (call) => call.running.realm.transact((tx) => showSession(call, tx)),
  },
  { method: 'POST', path: '/c/pay/{id}', kinds: [KIND], show: submit },
]

async function submit(call: PageCall): Promise<Answer> {
  const result = call.running.realm.transact((tx) => act(tx, call))
  if (typeof result !== 'string') return result
  await whenWebhooksArrived(call.running)
  return redirect(result)
}

/** Where to go on success, or the page to show. */
function act(tx: Transaction, call: PageCall): Answer | string {
  const session = tx.get(KIND, call.id)
  const entered = enteredIn(call.form)
  if (session.status !== 'open') return showSession(call, tx)
  const filled = filledIn(entered)
  if (filled !== undefined) return showSession(call, tx, { entered: filled })
  switch (entered['action']) {
    case 'apply':
      return applyCode(tx, call, session, entered)
    case 'remove-code':
      setPromotionCode(tx, session.id, null)
      return showSession(call, tx)
    case 'quantity':
      setQuantities(tx, session.id, quantitiesIn(session, entered))
      return showSession(call, tx)
    default:
      return pay(tx, call, session, entered)
  }
}

function pay(tx: Transaction, call: PageCall, session: Session, entered: Entered): Answer | string {
  const { details, problems } = readDetails(tx, session, entered)
  const { total } = quoteSession(tx, session)
  const isCardNeeded = needsCard(session, total)
  const saved = isCardNeeded ? savedCardIn(tx, session, entered) : undefined
  const read = isCardNeeded && saved === undefined ? readCard(entered, tx.now(null)) : undefined
  const wrong: Problems = {
    ...problems,
    ...(read !== undefined && 'problems' in read ? read.problems : {}),
  }
  if (Object.keys(wrong).length > 0) return showSession(call, tx, { entered, problems: wrong })
  const method =
    read !== undefined && 'card' in read ? insertEnteredCard(tx, read.card, details) : saved
  const result = confirmSession(tx, session.id, {
    ...details,
    savesCard: saved === undefined && entered['saveCard'] === 'on',
    paymentMethod: method?.id ?? null,
  })
  switch (result.kind) {
    case 'complete':
      return successUrl(tx.get(KIND, session.id))
    case 'requires_action':
      return redirect(`/authenticate/${result.intent}`)
    case 'declined':
      return showSession(call, tx, {
        entered,
        problem: result.message,
        problems: { [fieldOfDecline(result.code)]: result.message },
      })
  }
}

/** The saved card that was chosen, if it is one that was offered. */
function savedCardIn(
  tx: Transaction,
  session: Session,
  entered: Entered,
): Documents['payment_method'] | undefined {
  return offeredCards(tx, session).find(({ id }) => id === entered['savedCard'])
}

function applyCode(tx: Transaction, call: PageCall, session: Session, entered: Entered): Answer {
  const read = readCodeFor(tx, entered['promotionCode'] ?? '', session)
  if ('refusal' in read) {
    return showSession(call, tx, { entered, problems: { promotionCode: read.refusal } })
  }
  setPromotionCode(tx, session.id, read.code.id)
  return showSession(call, tx)
}

function quantitiesIn(session: Session, entered: Entered): ReadonlyMap<string, number> {
  return new Map(
    session.inner.lines.map(({ id }) => [id, Number(entered[quantityName(id)])] as const),
  )
}
