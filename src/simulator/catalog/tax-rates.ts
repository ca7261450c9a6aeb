import type { Handlers } from '../wire/calls.ts'
import { changed } from '../wire/changed.ts'
import { invalidRequest } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'

export const taxRateOperations: Handlers = {
  'POST /v1/tax_rates': ({ tx, params }) => {
    if (params.percentage < 0 || params.percentage > 100) {
      throw invalidRequest({
        message: 'Invalid percentage: must be between 0 and 100.',
        param: 'percentage',
      })
    }
    const id = tx.newId('txr')
    tx.insert('tax_rate', {
      id,
      object: 'tax_rate',
      active: params.active ?? true,
      country: params.country ?? null,
      created: tx.now(null),
      description: params.description ?? null,
      display_name: params.display_name,
      effective_percentage: null,
      flat_amount: null,
      inclusive: params.inclusive,
      jurisdiction: params.jurisdiction ?? null,
      jurisdiction_level: null,
      livemode: tx.realm.isLive,
      metadata: newMetadata(params.metadata),
      percentage: params.percentage,
      rate_type: 'percentage',
      state: params.state ?? null,
      tax_type: params.tax_type ?? null,
    })
    tx.emit('tax_rate.created', 'tax_rate', id)
    return tx.present('tax_rate', id)
  },

  'GET /v1/tax_rates': ({ tx, params }) =>
    listPage(tx, 'tax_rate', {
      url: '/v1/tax_rates',
      params,
      matches: (rate) =>
        (params.active === undefined || rate.active === params.active) &&
        (params.inclusive === undefined || rate.inclusive === params.inclusive) &&
        isInRange(rate.created, params.created),
    }),

  'GET /v1/tax_rates/{id}': ({ tx, id }) => tx.present('tax_rate', getById(tx, 'tax_rate', id).id),

  // The percentage is fixed: invoices refer to it.
  'POST /v1/tax_rates/{id}': ({ tx, params, id }) => {
    const rate = getById(tx, 'tax_rate', id)
    tx.update('tax_rate', id, {
      active: params.active ?? rate.active,
      country: changed(params.country, rate.country),
      description: changed(params.description, rate.description),
      display_name: params.display_name ?? rate.display_name,
      jurisdiction: changed(params.jurisdiction, rate.jurisdiction),
      metadata: mergeMetadata(rate.metadata ?? {}, params.metadata),
      state: changed(params.state, rate.state),
      tax_type: params.tax_type ?? rate.tax_type,
    })
    return tx.present('tax_rate', id)
  },
}
