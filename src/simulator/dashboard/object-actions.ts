import { html, type Html } from '../pages/html.ts'
import { showAmount } from '../pages/money.ts'
import type { Documents, Kind } from '../store/documents.ts'
import { actionForm, type Done, entered, type Screen, type ScreenCall } from './call.ts'
import { labelled } from './controls.ts'
import { requireAnswer } from './results.ts'
import { declineField } from './outcome-fields.ts'
import { advanceFields, advanceTarget } from './time-fields.ts'

/** What can be done to an object from its page: by the API, or by whoever decides in the world outside. */
interface Action<K extends Kind> {
  readonly name: string
  readonly applies: (object: Documents[K]) => boolean
  /** Fields and buttons of its form. */
  readonly body: (object: Documents[K], call: ScreenCall) => Html
  readonly act: (call: ScreenCall, object: Documents[K]) => Promise<string>
}

type Actions = { readonly [K in Kind]?: readonly Action<K>[] }

const button = (name: string, value: string, text: string, style = 'plain'): Html =>
  html`<button class="${style}" name="${name}" value="${value}">${text}</button>`

const ACTIONS: Actions = {
  charge: [
    {
      name: 'refund',
      applies: ({ paid, refunded }) => paid && !refunded,
      body: ({ amount, amount_refunded: refunded, currency }) =>
        html`${labelled(
            'Refund',
            html`<input
              type="number"
              name="amount"
              min="1"
              max="${amount - refunded}"
              value="${amount - refunded}"
            />`,
            { hint: `of ${showAmount(amount - refunded, currency)}, in the smallest unit` },
          )} <button class="plain">Refund</button>`,
      act: async (call, { id }) => {
        await post(call, '/v1/refunds', { charge: id, ...given(call, 'amount') })
        return 'The refund was made.'
      },
    },
  ],
  refund: [
    {
      name: 'settle',
      applies: ({ status }) => status === 'pending' || status === 'succeeded',
      body: ({ status }) =>
        html`${status === 'pending' ? button('outcome', 'succeed', 'The bank takes it') : ''}
        ${button('outcome', 'fail', 'The bank sends it back')}`,
      act: async (call, { id }) => {
        await control(call, `/_sim/refunds/${id}`, given(call, 'outcome'))
        return 'The bank has answered.'
      },
    },
  ],
  dispute: [
    {
      name: 'settle',
      applies: ({ status }) => !['won', 'lost', 'warning_closed', 'prevented'].includes(status),
      body: () => html`${button('outcome', 'won', 'Win')} ${button('outcome', 'lost', 'Lose')}`,
      act: async (call, { id }) => {
        await control(call, `/_sim/disputes/${id}`, given(call, 'outcome'))
        return 'The bank has decided.'
      },
    },
  ],
  payment_intent: [
    {
      name: 'authenticate',
      applies: ({ status }) => status === 'requires_action',
      body: () =>
        html`${button('outcome', 'complete', 'Pass 3-D Secure')}
        ${button('outcome', 'fail', 'Fail 3-D Secure')}`,
      act: authenticate,
    },
  ],
  setup_intent: [
    {
      name: 'authenticate',
      applies: ({ status }) => status === 'requires_action',
      body: () =>
        html`${button('outcome', 'complete', 'Pass 3-D Secure')}
        ${button('outcome', 'fail', 'Fail 3-D Secure')}`,
      act: authenticate,
    },
  ],
  invoice: [
    {
      name: 'pay',
      applies: ({ status }) => status === 'open' || status === 'uncollectible',
      body: () => html`<button>Try to collect it now</button>`,
      act: async (call, { id }) => {
        await post(call, `/v1/invoices/${id}/pay`)
        return 'The invoice is paid.'
      },
    },
    {
      name: 'finalize',
      applies: ({ status }) => status === 'draft',
      body: () => html`<button class="plain">Finalize</button>`,
      act: async (call, { id }) => {
        await post(call, `/v1/invoices/${id}/finalize`)
        return 'The invoice is final.'
      },
    },
    {
      name: 'void',
      applies: ({ status }) => status === 'open' || status === 'uncollectible',
      body: () => html`<button class="plain">Void</button>`,
      act: async (call, { id }) => {
        await post(call, `/v1/invoices/${id}/void`)
        return 'The invoice is void.'
      },
    },
  ],
  subscription: [
    {
      name: 'cancel',
      applies: ({ status }) => status !== 'canceled' && status !== 'incomplete_expired',
      body: ({ cancel_at: cancelAt }) =>
        html`${cancelAt === null ? button('when', 'end', 'Cancel at the period’s end') : button('when', 'never', 'Keep it after all')}
        ${button('when', 'now', 'Cancel now')}`,
      act: cancel,
    },
  ],
  customer: [
    {
      name: 'decline',
      applies: ({ inner }) => !inner.isDeleted,
      body: () =>
        html`${labelled('Next payment of this customer fails with', declineField())}
          <button class="plain">Arrange</button>`,
      act: async (call, { id }) => {
        await control(call, '/_sim/declines', { customer: id, ...given(call, 'code') })
        return 'The next payment of this customer will fail.'
      },
    },
  ],
  'test_helpers.test_clock': [
    {
      name: 'advance',
      applies: ({ status }) => status === 'ready',
      body: ({ frozen_time: at }) => html`${advanceFields(at)}<button>Advance</button>`,
      act: async (call, { id, frozen_time: at }) => {
        const target = String(advanceTarget(call, at))
        await post(call, `/v1/test_helpers/test_clocks/${id}/advance`, { frozen_time: target })
        return 'The clock is on its way.'
      },
    },
  ],
  webhook_endpoint: [
    {
      name: 'switch',
      applies: () => true,
      body: ({ status }) =>
        status === 'enabled'
          ? button('disabled', 'true', 'Disable')
          : button('disabled', 'false', 'Enable'),
      act: async (call, { id }) => {
        await post(call, `/v1/webhook_endpoints/${id}`, given(call, 'disabled'))
        return 'The endpoint was changed.'
      },
    },
    {
      name: 'roll',
      applies: () => true,
      body: () => html`<button class="plain">Roll the secret</button>`,
      act: async (call, { id }) => {
        await control(call, `/_sim/webhooks/endpoints/${id}/roll`, {})
        return 'A new secret signs from now on; the old one signs as well for a day.'
      },
    },
    {
      name: 'delete',
      applies: () => true,
      body: () => html`<button class="plain">Delete</button>`,
      act: async (call, { id }) => {
        requireAnswer(
          await call.parts.api(call.running.realm, 'DELETE', `/v1/webhook_endpoints/${id}`),
        )
        return 'The endpoint is gone.'
      },
    },
  ],
}

/** The forms that apply to an object as it is now. */
export function objectActions(call: ScreenCall, kind: Kind, id: string): Html {
  const forms = actionsOf(kind).flatMap(({ name, applies, body }) => {
    const object = call.running.realm.tables[kind].get(id)
    if (object === undefined || !applies(object as never)) return []
    return [actionForm(call, `/objects/${kind}/${id}/${name}`, body(object as never, call))]
  })
  return forms.length === 0 ? html`` : html`<div class="actions">${forms}</div>`
}

function actionsOf(kind: Kind): readonly Action<never>[] {
  // The kind decides both sides; the compiler cannot follow a key through two tables.
  return ACTIONS[kind] ?? []
}

export const objectRoutes: readonly Screen[] = Object.keys(ACTIONS).flatMap((kind) =>
  actionsOf(kind as Kind).map(({ name, act }): Screen => ({
    method: 'POST',
    path: `/objects/${kind}/{id}/${name}`,
    act: async (call): Promise<Done> => {
      const object = call.running.realm.tables[kind as Kind].get(call.names['id'] ?? '')
      if (object === undefined) return { text: 'The object is gone.' }
      return { text: await act(call, object as never) }
    },
  })),
)

async function authenticate(call: ScreenCall, { id }: { readonly id: string }): Promise<string> {
  await control(call, `/_sim/authentications/${id}`, given(call, 'outcome'))
  return 'The bank knows whether it was the holder.'
}

async function cancel(call: ScreenCall, { id }: Documents['subscription']): Promise<string> {
  const when = entered(call, 'when')
  if (when === 'now') {
    requireAnswer(await call.parts.api(call.running.realm, 'DELETE', `/v1/subscriptions/${id}`))
    return 'The subscription is canceled.'
  }
  const isEnd = when === 'end'
  await post(call, `/v1/subscriptions/${id}`, { cancel_at_period_end: String(isEnd) })
  return isEnd ? 'The subscription ends with its period.' : 'The subscription goes on.'
}

async function post(
  call: ScreenCall,
  path: string,
  params?: Readonly<Record<string, string>>,
): Promise<void> {
  requireAnswer(await call.parts.api(call.running.realm, 'POST', path, params))
}

async function control(call: ScreenCall, path: string, body: object): Promise<void> {
  await call.parts.control('POST', path, { ...body }, [call.running])
}

/** The field as it was filled in, or nothing. */
function given(call: ScreenCall, name: string): Readonly<Record<string, string>> {
  const value = entered(call, name)
  return value === undefined ? {} : { [name]: value }
}
