import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type {
  BillingPortalConfiguration,
  BillingPortalConfigurationCreateParamsFeatures,
  BillingPortalConfigurationUpdateParamsFeatures,
} from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { changed } from '../wire/changed.ts'
import { invalidRequest } from '../wire/errors.ts'
import { listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'

const KIND = 'billing_portal.configuration'
type Features = BillingPortalConfiguration['features']

export const portalConfigurationOperations: Handlers = {
  'POST /v1/billing_portal/configurations': ({ tx, params }) => {
    const profile = params.business_profile
    return tx.present(
      KIND,
      insertConfiguration(tx, {
        business_profile: {
          headline: profile?.headline ?? null,
          privacy_policy_url: profile?.privacy_policy_url ?? null,
          terms_of_service_url: profile?.terms_of_service_url ?? null,
        },
        default_return_url: params.default_return_url ?? null,
        features: mergeFeatures(tx, NO_FEATURES, params.features),
        is_default: false,
        login_page: { enabled: params.login_page?.enabled ?? false, url: null },
        metadata: newMetadata(params.metadata),
        name: params.name ?? null,
      }).id,
    )
  },

  'GET /v1/billing_portal/configurations': ({ tx, params }) =>
    listPage(tx, KIND, {
      url: '/v1/billing_portal/configurations',
      params,
      matches: (configuration) =>
        (params.active === undefined || configuration.active === params.active) &&
        (params.is_default === undefined || configuration.is_default === params.is_default),
    }),

  'GET /v1/billing_portal/configurations/{id}': ({ tx, id }) =>
    tx.present(KIND, getById(tx, KIND, id).id),

  'POST /v1/billing_portal/configurations/{id}': ({ tx, params, id }) => {
    const configuration = getById(tx, KIND, id)
    if (params.active === false && configuration.is_default) {
      throw invalidRequest({
        message: 'The default configuration cannot be deactivated.',
        param: 'active',
      })
    }
    const profile = params.business_profile
    tx.update(KIND, id, {
      active: params.active ?? configuration.active,
      business_profile: {
        headline: changed(profile?.headline, configuration.business_profile.headline),
        privacy_policy_url: changed(
          profile?.privacy_policy_url,
          configuration.business_profile.privacy_policy_url,
        ),
        terms_of_service_url: changed(
          profile?.terms_of_service_url,
          configuration.business_profile.terms_of_service_url,
        ),
      },
      default_return_url: changed(params.default_return_url, configuration.default_return_url),
      features: mergeFeatures(tx, configuration.features, params.features ?? {}),
      login_page: {
        enabled: params.login_page?.enabled ?? configuration.login_page.enabled,
        url: null,
      },
      metadata: mergeMetadata(configuration.metadata ?? {}, params.metadata),
      name: changed(params.name, configuration.name),
      updated: tx.now(null),
    })
    return tx.present(KIND, id)
  },
}

/** What the portal shows where nobody has chosen: there in test mode, to be saved first in live mode. */
export function defaultConfiguration(tx: Transaction): Documents[typeof KIND] {
  for (const configuration of tx.oldestFirst(KIND)) {
    if (configuration.is_default) return configuration
  }
  if (tx.realm.isLive) {
    throw invalidRequest({
      message:
        'No configuration provided and your live mode default configuration has not been created. Provide a configuration or create your default by saving your customer portal settings in live mode at https://dashboard.stripe.com/settings/billing/portal.',
    })
  }
  return insertConfiguration(tx, {
    business_profile: { headline: null, privacy_policy_url: null, terms_of_service_url: null },
    default_return_url: null,
    features: {
      ...NO_FEATURES,
      customer_update: { allowed_updates: ['email', 'name', 'address'], enabled: true },
      invoice_history: { enabled: true },
      payment_method_update: { enabled: true, payment_method_configuration: null },
      subscription_cancel: { ...NO_FEATURES.subscription_cancel, enabled: true },
    },
    is_default: true,
    login_page: { enabled: false, url: null },
    metadata: {},
    name: null,
  })
}

function insertConfiguration(
  tx: Transaction,
  given: Pick<
    BillingPortalConfiguration,
    | 'business_profile'
    | 'default_return_url'
    | 'features'
    | 'is_default'
    | 'login_page'
    | 'metadata'
    | 'name'
  >,
): Documents[typeof KIND] {
  const now = tx.now(null)
  const configuration = tx.insert(KIND, {
    id: tx.newId('bpc'),
    object: KIND,
    active: true,
    application: null,
    created: now,
    livemode: tx.realm.isLive,
    updated: now,
    ...given,
  })
  tx.emit('billing_portal.configuration.created', KIND, configuration.id)
  return configuration
}

const NO_FEATURES: Features = {
  customer_update: { allowed_updates: [], enabled: false },
  invoice_history: { enabled: false },
  payment_method_update: { enabled: false, payment_method_configuration: null },
  subscription_cancel: {
    cancellation_reason: {
      enabled: false,
      feedback_options: null,
      options: ['too_expensive', 'missing_features', 'switched_service', 'unused', 'other'],
    },
    enabled: false,
    mode: 'at_period_end',
    proration_behavior: 'none',
  },
  subscription_pause: { duration: { interval_options: [], type: 'indefinite' }, enabled: false },
  subscription_update: {
    billing_cycle_anchor: null,
    default_allowed_updates: [],
    enabled: false,
    products: null,
    proration_behavior: 'none',
    schedule_at_period_end: { conditions: [] },
    trial_update_behavior: 'end_trial',
  },
}

type GivenFeatures =
  | BillingPortalConfigurationCreateParamsFeatures
  | BillingPortalConfigurationUpdateParamsFeatures

function mergeFeatures(tx: Transaction, current: Features, given: GivenFeatures): Features {
  const {
    customer_update: customer,
    subscription_cancel: cancel,
    subscription_pause: pause,
  } = given
  const duration = pause?.duration
  return {
    customer_update: {
      allowed_updates:
        changed(customer?.allowed_updates, current.customer_update.allowed_updates) ?? [],
      enabled: customer?.enabled ?? current.customer_update.enabled,
    },
    invoice_history: { enabled: given.invoice_history?.enabled ?? current.invoice_history.enabled },
    payment_method_update: {
      enabled: given.payment_method_update?.enabled ?? current.payment_method_update.enabled,
      payment_method_configuration: null,
    },
    subscription_cancel: {
      cancellation_reason: {
        enabled:
          cancel?.cancellation_reason?.enabled ??
          current.subscription_cancel.cancellation_reason.enabled,
        feedback_options: null,
        options:
          cancel?.cancellation_reason?.options ??
          current.subscription_cancel.cancellation_reason.options,
      },
      enabled: cancel?.enabled ?? current.subscription_cancel.enabled,
      mode: cancel?.mode ?? current.subscription_cancel.mode,
      proration_behavior:
        cancel?.proration_behavior ?? current.subscription_cancel.proration_behavior,
    },
    subscription_pause: {
      duration:
        duration === undefined
          ? current.subscription_pause.duration
          : {
              interval_options: (duration.interval_options ?? []).map((option) => ({
                interval: option.interval,
                interval_count: option.interval_count ?? 1,
              })),
              type: duration.type,
            },
      enabled: pause?.enabled ?? current.subscription_pause.enabled,
    },
    subscription_update: mergeUpdate(tx, current.subscription_update, given.subscription_update),
  }
}

const MAX_PRODUCTS = 10

function mergeUpdate(
  tx: Transaction,
  current: Features['subscription_update'],
  given: GivenFeatures['subscription_update'],
): Features['subscription_update'] {
  const products = given?.products
  if ((products?.length ?? 0) > MAX_PRODUCTS) {
    throw invalidRequest({
      message: `At most ${MAX_PRODUCTS} products can be offered in the portal.`,
      param: 'features[subscription_update][products]',
    })
  }
  const isEnabled = given?.enabled ?? current.enabled
  const merged = {
    billing_cycle_anchor: given?.billing_cycle_anchor ?? current.billing_cycle_anchor,
    default_allowed_updates:
      changed(given?.default_allowed_updates, current.default_allowed_updates) ?? [],
    enabled: isEnabled,
    products:
      products === undefined
        ? (current.products ?? null)
        : (products ?? []).map((entry) => ({
            adjustable_quantity: {
              enabled: entry.adjustable_quantity?.enabled ?? false,
              maximum: entry.adjustable_quantity?.maximum ?? null,
              minimum: entry.adjustable_quantity?.minimum ?? 1,
            },
            prices: entry.prices.map((price) => ownPrice(tx, price, entry.product)),
            product: entry.product,
          })),
    proration_behavior: given?.proration_behavior ?? current.proration_behavior,
    schedule_at_period_end: {
      conditions:
        given?.schedule_at_period_end?.conditions ?? current.schedule_at_period_end.conditions,
    },
    trial_update_behavior: given?.trial_update_behavior ?? current.trial_update_behavior,
  }
  if (isEnabled && (merged.products?.length ?? 0) === 0) {
    throw invalidRequest({
      code: 'parameter_missing',
      message:
        'To let customers switch plans, name the products and prices they can switch to in `features[subscription_update][products]`.',
      param: 'features[subscription_update][products]',
    })
  }
  return merged
}

function ownPrice(tx: Transaction, id: string, product: string): string {
  const param = 'features[subscription_update][products]'
  getReferenced(tx, 'product', product, param)
  const price = getReferenced(tx, 'price', id, param)
  if (price.product === product) return id
  throw invalidRequest({
    message: `The price ${id} does not belong to the product ${product}.`,
    param,
  })
}
