import { formatDecimal } from '../../kit/decimal.ts'
import { requireCustomer } from '../customers/require-customer.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { BillingAlertCreateParams, BillingAlertTriggered } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest, missingParameter } from '../wire/errors.ts'
import { listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { measureReported } from './usage.ts'

const KIND = 'billing.alert'
type Alert = Documents[typeof KIND]

export const alertOperations: Handlers = {
  'POST /v1/billing/alerts': ({ tx, params }) => tx.present(KIND, createAlert(tx, params).id),

  'GET /v1/billing/alerts': ({ tx, params }) =>
    listPage(tx, KIND, {
      url: '/v1/billing/alerts',
      params,
      matches: (alert) =>
        alert.status !== 'archived' &&
        (params.meter === undefined || alert.inner.meter === params.meter),
    }),

  'GET /v1/billing/alerts/{id}': ({ tx, id }) => tx.present(KIND, getById(tx, KIND, id).id),

  'POST /v1/billing/alerts/{id}/activate': ({ tx, id }) => {
    const alert = getById(tx, KIND, id)
    requireStatus(alert, 'inactive')
    for (const { id: trigger } of tx.where('alert_trigger', 'alert', id)) {
      tx.remove('alert_trigger', trigger)
    }
    tx.update(KIND, id, {
      status: 'active',
      inner: { ...alert.inner, activatedAt: tx.now(null) },
    })
    return tx.present(KIND, id)
  },

  'POST /v1/billing/alerts/{id}/archive': ({ tx, id }) => {
    const alert = getById(tx, KIND, id)
    if (alert.status === 'archived') throw wrongStatus(alert)
    tx.update(KIND, id, { status: 'archived' })
    return tx.present(KIND, id)
  },

  'POST /v1/billing/alerts/{id}/deactivate': ({ tx, id }) => {
    requireStatus(getById(tx, KIND, id), 'active')
    tx.update(KIND, id, { status: 'inactive' })
    return tx.present(KIND, id)
  },
}

function createAlert(tx: Transaction, params: BillingAlertCreateParams): Alert {
  const threshold = params.usage_threshold
  if (threshold === undefined) throw missingParameter('usage_threshold')
  if (threshold.gte <= 0) {
    throw invalidRequest({
      message: 'The threshold of an alert must be greater than 0.',
      param: 'usage_threshold[gte]',
    })
  }
  const meter = getReferenced(tx, 'billing.meter', threshold.meter, 'usage_threshold[meter]')
  const [filter, ...others] = threshold.filters ?? []
  if (others.length > 0) {
    throw invalidRequest({
      message: 'An alert can have only one filter.',
      param: 'usage_threshold[filters]',
    })
  }
  const customer =
    filter?.customer === undefined
      ? null
      : requireCustomer(tx, filter.customer, 'usage_threshold[filters][0][customer]').id
  return tx.insert(KIND, {
    id: tx.newId('alrt'),
    object: KIND,
    alert_type: params.alert_type,
    livemode: tx.realm.isLive,
    status: 'active',
    title: params.title,
    usage_threshold: {
      filters: filter === undefined ? null : [{ customer, type: 'customer' }],
      gte: threshold.gte,
      meter: meter.id,
      recurrence: threshold.recurrence,
    },
    inner: { meter: meter.id, customer, activatedAt: tx.now(null) },
  })
}

function requireStatus(alert: Alert, status: 'active' | 'inactive'): void {
  if (alert.status !== status) throw wrongStatus(alert)
}

function wrongStatus(alert: Alert) {
  return invalidRequest({ message: `The alert ${alert.id} is ${alert.status ?? 'unknown'}.` })
}

/** Usage of a meter by a customer has grown: every alert over its threshold goes off, once for each customer. */
export function triggerAlerts(tx: Transaction, meter: string, customer: string): void {
  for (const alert of tx.where(KIND, 'inner.meter', meter)) {
    const { inner, status, usage_threshold: threshold } = alert
    const concerns = inner.customer === null || inner.customer === customer
    const trigger = `${alert.id}/${customer}`
    if (status !== 'active' || threshold === null || !concerns) continue
    if (tx.find('alert_trigger', trigger) !== undefined) continue
    const used = Number(
      formatDecimal(measureReported(tx, { meter, customer, since: inner.activatedAt })),
    )
    if (used < threshold.gte) continue
    tx.insert('alert_trigger', { id: trigger, alert: alert.id })
    const { inner: _inner, ...shown } = alert
    const triggered: BillingAlertTriggered = {
      object: 'billing.alert_triggered',
      alert: shown,
      created: tx.now(tx.get('customer', customer).test_clock),
      customer,
      livemode: tx.realm.isLive,
      value: used,
    }
    tx.emit('billing.alert.triggered', KIND, alert.id, { object: triggered })
  }
}
