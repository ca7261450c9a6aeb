import { createClient, type Client, type ResponseOf } from '../../src/client/client.ts'
import type { Running } from '../../src/main.ts'
import { until } from './until.ts'

/** A person at the portal, and the program that calls the API with their key. */
export interface Actor {
  readonly name: string
  readonly portal: Client
  readonly customerId: string
  /** Chooses a plan, pays on Stripe's page, comes back and copies the key. */
  subscribes(planKey: string, card?: string): Promise<void>
  /** Chooses a plan and is sent to the payment page. */
  choosesPlan(planKey: string, promotionCode?: string, currency?: string): Promise<Purchase>
  /** Copies the key that a purchase has left to be shown. */
  takesKey(): Promise<void>
  /** One call through the gateway with the key. */
  calls(path?: string, init?: RequestInit): Promise<GatewayAnswer>
  callsTimes(count: number, path?: string): Promise<void>
  overview(): Promise<ResponseOf<'get', '/api/v1/portal/overview'>>
  invoices(): Promise<string[]>
  /** Every line of every invoice with its explanation, oldest first. */
  explains(): Promise<string[]>
  readonly key: string
  usesKey(secret: string): void
}

export interface Purchase {
  readonly intentId: string
  readonly url: string
  /** Pays on the page, or with null sends it without a card; answers what the page would say. */
  pays(card?: string | null): Promise<Response>
  settles(): Promise<ResponseOf<'get', '/api/v1/portal/checkouts/{intentId}'>>
}

export interface GatewayAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

const PASSWORD = 'a long enough password'
const GOOD_CARD = 'pm_card_visa'

/** Somebody signs up at the portal, and has no account to act for yet. */
export async function visit({ consoleUrl }: Running, name: string): Promise<Client> {
  const email = `${name.toLowerCase()}@example.com`
  const signedUp = await fetch(`${consoleUrl}/api/v1/auth/portal/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: consoleUrl },
    body: JSON.stringify({ name, email, password: PASSWORD }),
  })
  if (!signedUp.ok) throw new Error(`Sign-up failed: ${await signedUp.text()}`)
  const cookie = signedUp.headers
    .getSetCookie()
    .map((entry) => entry.split(';')[0])
    .join('; ')
  return createClient({
    baseUrl: consoleUrl,
    fetch: (input, init) => {
      const headers = new Headers(init?.headers)
      headers.set('cookie', cookie)
      headers.set('origin', consoleUrl)
      return fetch(input, { ...init, headers })
    },
  })
}

export async function signUp(running: Running, name: string): Promise<Actor> {
  const { gatewayUrl, simulatorUrl } = running
  const portal = await visit(running, name)
  const account = await portal.post('/api/v1/portal/account', { body: { name } })
  let key = ''

  async function choosesPlan(
    planKey: string,
    promotionCode?: string,
    currency?: string,
  ): Promise<Purchase> {
    const body = {
      planKey,
      ...(promotionCode !== undefined && { promotionCode }),
      ...(currency !== undefined && { currency }),
    }
    const result = await portal.post('/api/v1/portal/subscriptions', { body })
    if (result.kind !== 'checkout') throw new Error(`${planKey} needs no payment`)
    const { intentId, url } = result
    const session = /cs_test_\w+/.exec(url)?.[0] ?? ''
    return {
      intentId,
      url,
      pays: (card = GOOD_CARD) => payOnPage(simulatorUrl ?? '', session, card),
      settles: () =>
        until(
          () => portal.get('/api/v1/portal/checkouts/{intentId}', { params: { intentId } }),
          ({ state, subscription }) => state === 'completed' && subscription !== null,
        ),
    }
  }

  async function takesKey(): Promise<void> {
    const { unrevealedKeyIds } = await portal.get('/api/v1/portal/overview')
    const [keyId] = unrevealedKeyIds
    if (keyId === undefined) throw new Error('No key waits to be shown')
    const { secret } = await portal.post('/api/v1/portal/keys/{keyId}/reveal', {
      params: { keyId },
    })
    key = secret
  }

  async function invoiceDetails() {
    const { data } = await portal.get('/api/v1/portal/invoices')
    const details = await Promise.all(
      data.map(({ id }) =>
        portal.get('/api/v1/portal/invoices/{invoiceId}', { params: { invoiceId: id } }),
      ),
    )
    return details.toReversed()
  }

  async function calls(path = '/v1/ping', init: RequestInit = {}): Promise<GatewayAnswer> {
    const headers = new Headers(init.headers)
    if (key !== '' && !headers.has('authorization')) headers.set('authorization', `Bearer ${key}`)
    const response = await fetch(`${gatewayUrl}${path}`, { ...init, headers })
    const text = await response.text()
    const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text }
    return { status: response.status, headers: response.headers, body }
  }

  return {
    name,
    portal,
    customerId: account.id,
    choosesPlan,
    async subscribes(planKey, card) {
      const result = await portal.post('/api/v1/portal/subscriptions', { body: { planKey } })
      if (result.kind === 'checkout') {
        const purchase = await choosesPlan(planKey)
        const paid = await purchase.pays(card)
        if (!paid.ok) throw new Error(`The payment failed: ${await paid.text()}`)
        await purchase.settles()
      }
      await takesKey()
    },
    calls,
    takesKey,
    async callsTimes(count, path) {
      for (let n = 0; n < count; n++) {
        const { status, body } = await calls(path)
        if (status !== 200) throw new Error(`Call ${n + 1} was refused: ${JSON.stringify(body)}`)
      }
    },
    overview: () => portal.get('/api/v1/portal/overview'),
    invoices: async () => (await invoiceDetails()).map(tell),
    async explains() {
      const lines = (await invoiceDetails()).flatMap((invoice) => invoice.lines)
      return lines.map(({ rateCardKey, explanation }) =>
        [rateCardKey ?? '-', ...explanation.map(timeless)].join(' | '),
      )
    },
    get key() {
      return key
    },
    usesKey: (secret) => (key = secret),
  }
}

/** What the payment page's form does when it is sent. */
function payOnPage(simulatorUrl: string, session: string, card: string | null): Promise<Response> {
  return fetch(`${simulatorUrl}/v1/payment_pages/${session}/confirm`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer sk_test_farebox',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(card === null ? {} : { payment_method: card }),
  })
}

/** Worlds begin now; what a scenario says must not depend on when it is run. */
function timeless(sentence: string): string {
  return sentence.replaceAll(/\d{4}-\d\d-\d\d(?:[T ][\d:.]+Z?)?(?: UTC)?/g, '…')
}

/** An invoice as one reads it aloud: `2900 usd paid: Pro subscription 2900; 1200 × requests 240`. */
function tell(invoice: ResponseOf<'get', '/api/v1/portal/invoices/{invoiceId}'>): string {
  const lines = invoice.lines.map(
    ({ description, amount }) => `${description} ${amount.amountMinor}`,
  )
  return `${invoice.total.amountMinor} ${invoice.total.currency} ${invoice.state}: ${lines.join('; ')}`
}
