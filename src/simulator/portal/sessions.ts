import { requireCustomer } from '../customers/require-customer.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type {
  BillingPortalSession,
  BillingPortalSessionCreateParamsFlowData,
} from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest, missingParameter } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'
import { defaultConfiguration } from './configurations.ts'

const KIND = 'billing_portal.session'
/** A link works this long after it was made. */
const LIFETIME_SECONDS = 30 * 60

export const portalSessionOperations: Handlers = {
  'POST /v1/billing_portal/sessions': ({ tx, params }) => {
    if (params.customer === undefined) throw missingParameter('customer')
    const customer = requireCustomer(tx, params.customer)
    const configuration =
      params.configuration === undefined
        ? defaultConfiguration(tx)
        : getReferenced(tx, 'billing_portal.configuration', params.configuration, 'configuration')
    if (!configuration.active) {
      throw invalidRequest({
        message: `The configuration ${configuration.id} is inactive.`,
        param: 'configuration',
      })
    }
    const id = tx.newId('bps')
    const now = tx.now(null)
    tx.insert(KIND, {
      id,
      object: KIND,
      configuration: configuration.id,
      created: now,
      customer: customer.id,
      customer_account: null,
      flow:
        params.flow_data === undefined
          ? null
          : readFlow(tx, params.flow_data, customer, configuration),
      livemode: tx.realm.isLive,
      locale: params.locale ?? null,
      on_behalf_of: null,
      return_url: params.return_url ?? configuration.default_return_url,
      url: `${tx.realm.baseUrl}/p/session/${id}`,
      inner: {
        expiresAt: now + LIFETIME_SECONDS,
        isFlowDone: false,
        setupIntent: null,
        setupFor: null,
      },
    })
    tx.emit('billing_portal.session.created', KIND, id)
    return tx.present(KIND, id)
  },
}

type Flow = NonNullable<BillingPortalSession['flow']>
type Configuration = Documents['billing_portal.configuration']

/** A flow leads straight to one thing, if the configuration allows it and the subscription is the customer's. */
function readFlow(
  tx: Transaction,
  given: BillingPortalSessionCreateParamsFlowData,
  customer: Documents['customer'],
  configuration: Configuration,
): Flow {
  const feature = FEATURE_OF[given.type]
  if (!configuration.features[feature].enabled) {
    throw invalidRequest({
      message: `This \`flow_data[type]\` is not enabled in the portal configuration: \`features[${feature}]\` is disabled in ${configuration.id}.`,
      param: 'flow_data[type]',
    })
  }
  const details =
    given.type === 'payment_method_update' || given.type === 'customer_update'
      ? undefined
      : given[given.type]
  if (
    details === undefined &&
    given.type !== 'payment_method_update' &&
    given.type !== 'customer_update'
  ) {
    throw missingParameter(`flow_data[${given.type}]`)
  }
  if (details !== undefined) checkSubscription(tx, details.subscription, customer.id, given.type)
  const after = given.after_completion
  const confirm =
    given.type === 'subscription_update_confirm' ? given.subscription_update_confirm : undefined
  return {
    after_completion: {
      hosted_confirmation:
        after?.hosted_confirmation === undefined
          ? null
          : { custom_message: after.hosted_confirmation.custom_message ?? null },
      redirect: after?.redirect === undefined ? null : { return_url: after.redirect.return_url },
      type: after?.type ?? 'portal_homepage',
    },
    customer_update: given.type === 'customer_update' ? {} : null,
    subscription_cancel:
      given.type === 'subscription_cancel' && given.subscription_cancel !== undefined
        ? {
            retention:
              given.subscription_cancel.retention === undefined
                ? null
                : {
                    coupon_offer: given.subscription_cancel.retention.coupon_offer,
                    type: 'coupon_offer',
                  },
            subscription: given.subscription_cancel.subscription,
          }
        : null,
    subscription_pause:
      given.type === 'subscription_pause' ? (given.subscription_pause ?? null) : null,
    subscription_update:
      given.type === 'subscription_update' ? (given.subscription_update ?? null) : null,
    subscription_update_confirm:
      confirm === undefined
        ? null
        : {
            discounts:
              confirm.discounts?.map((discount) => ({
                coupon: discount.coupon ?? null,
                promotion_code: discount.promotion_code ?? null,
              })) ?? null,
            items: confirm.items.map((item) => ({
              id: item.id,
              price: item.price ?? null,
              ...(item.quantity === undefined ? {} : { quantity: item.quantity }),
            })),
            subscription: confirm.subscription,
          },
    type: given.type,
  }
}

const FEATURE_OF = {
  customer_update: 'customer_update',
  payment_method_update: 'payment_method_update',
  subscription_cancel: 'subscription_cancel',
  subscription_pause: 'subscription_pause',
  subscription_update: 'subscription_update',
  subscription_update_confirm: 'subscription_update',
} as const satisfies Readonly<Record<Flow['type'], keyof Configuration['features']>>

function checkSubscription(tx: Transaction, id: string, customer: string, flow: string): void {
  const param = `flow_data[${flow}][subscription]`
  const subscription = getReferenced(tx, 'subscription', id, param)
  if (subscription.customer === customer) return
  throw invalidRequest({
    message: `The subscription ${id} does not belong to the customer ${customer}.`,
    param,
  })
}
