import { choiceParam, compact, type Search, textParam } from '../../../ui/search-params.ts'
import { type InvoiceSearch, PAYMENT_STATES, type PaymentSearch } from '../../money-queries.ts'

/** What the address of the page may hold, and the questions that makes. */

export const INVOICE_STATES = ['draft', 'open', 'paid', 'void', 'uncollectible'] as const

export function invoiceSearch(search: Search) {
  return compact({
    tab: choiceParam(search, 'tab', ['payments']),
    state: choiceParam(search, 'state', INVOICE_STATES),
    paymentState: choiceParam(search, 'paymentState', PAYMENT_STATES),
    customerId: textParam(search, 'customerId'),
    cursor: textParam(search, 'cursor'),
  })
}

type PageSearch = ReturnType<typeof invoiceSearch>

export function invoicesOf({ state, customerId, cursor }: PageSearch): InvoiceSearch {
  return compact({ state, customerId, cursor })
}

export function paymentsOf({ paymentState, customerId, cursor }: PageSearch): PaymentSearch {
  return compact({ state: paymentState, customerId, cursor })
}
