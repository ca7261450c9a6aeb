import type { Mode } from '../../kit/mode.ts'
import { SECOND_MS } from '../../kit/instant.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Coupon } from '../coupons/coupon.ts'
import type { Purchases } from '../subscriptions/purchases/service.ts'
import type { SubscribeInput, Subscriptions } from '../subscriptions/service.ts'
import type { ChangeInvoice } from './change/change-invoice.ts'
import type { FirstInvoices } from './first-invoices.service.ts'

/** What a customer is shown before the payment page. */
export interface PurchaseOffer {
  readonly currency: string
  readonly coupon: Coupon | null
  readonly invoice: ChangeInvoice | null
}

interface PurchaseOffersDeps {
  readonly accounts: Accounts
  readonly firstInvoices: FirstInvoices
  readonly purchases: Purchases
  readonly subscriptions: Subscriptions
}

export type PurchaseOffers = ReturnType<typeof createPurchaseOffers>

/** Previews of purchases: refused for the reasons the purchase would be. Nothing is written and no place is taken. */
export function createPurchaseOffers(deps: PurchaseOffersDeps) {
  const { accounts, firstInvoices, purchases, subscriptions } = deps
  return {
    async of(
      mode: Mode,
      input: Omit<SubscribeInput, 'successUrl' | 'cancelUrl'>,
    ): Promise<PurchaseOffer> {
      const { customerId, promotionCode } = input
      const customer = await accounts.get(mode, customerId)
      const { version, decision } = await subscriptions.decide(customer, input)
      const { currency } = decision
      if (decision.kind === 'activate') return { currency, coupon: null, invoice: null }
      const now = accounts.now(customer)
      const at = now - (now % SECOND_MS)
      const coupon =
        promotionCode === undefined
          ? null
          : await purchases.couponOf({ customer, promotionCode, version, currency })
      const invoice = await firstInvoices.of({ customer, version, currency, coupon, at })
      return { currency, coupon, invoice }
    },
  }
}
