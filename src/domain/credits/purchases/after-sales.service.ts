import { ZERO } from '../../../kit/decimal.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Accounts } from '../../accounts/service.ts'
import type { Disputes } from '../../disputes/service.ts'
import { standingOf } from '../../disputes/dispute.ts'
import type { Payment } from '../../payments/payment.ts'
import type { Refunds } from '../../refunds/service.ts'
import type { Settings } from '../../settings/service.ts'
import { purchaseRefund } from '../purchase.ts'
import type { Credits } from '../service.ts'
import type { Purchase } from './purchase.ts'
import type { CreditPurchases } from './service.ts'

interface AfterSalesDeps {
  readonly accounts: Accounts
  readonly creditPurchases: CreditPurchases
  readonly credits: Credits
  readonly database: Database
  readonly disputes: Disputes
  readonly refunds: Refunds
  readonly settings: Settings
}

export type CreditAfterSales = ReturnType<typeof createCreditAfterSales>

/** What refunds and disputes about a purchase do to the credits it bought, and to those alone. */
export function createCreditAfterSales(deps: AfterSalesDeps) {
  const { accounts, creditPurchases, credits, database, disputes, refunds, settings } = deps

  async function refundOf(tx: Db, purchase: Purchase, refundedMinor: bigint) {
    const { mode, grantId, amount } = purchase
    const holding = grantId === null ? undefined : await credits.holding(mode, grantId, tx)
    if (holding === undefined) return undefined
    const { amountMinor: paidMinor, currency } = amount
    return purchaseRefund({ holding, paidMinor, refundedMinor, currency })
  }

  /** The credits a refund of so much takes back; null where the payment bought none, or none are left. */
  async function takenBackFor(payment: Payment, amountMinor: bigint) {
    const { db } = database
    const purchase = await creditPurchases.ofPayment(db, payment.mode, payment.id)
    const grantId = purchase?.grantId ?? null
    if (purchase === undefined || grantId === null) return null
    const amount = (await refundOf(db, purchase, payment.refundedMinor))?.voids(amountMinor) ?? ZERO
    const holding = await credits.holding(payment.mode, grantId, db)
    return holding === undefined || amount === ZERO ? null : { unit: holding.grant.unit, amount }
  }

  refunds.limitToUnburned(async (tx, payment) => {
    const purchase = await creditPurchases.ofPayment(tx, payment.mode, payment.id)
    if (purchase === undefined) return null
    return (await refundOf(tx, purchase, payment.refundedMinor))?.refundableMinor ?? 0n
  })

  refunds.onRefund(async (tx, refund, before, payment) => {
    const { mode, id } = refund
    const purchase = await creditPurchases.ofPayment(tx, mode, payment.id)
    const grantId = purchase?.grantId ?? null
    if (purchase === undefined || grantId === null) return
    const customer = await accounts.get(mode, refund.customerId, tx)
    const cause = { kind: 'refund' as const, id }
    if (refund.state === 'succeeded') {
      const given = await refunds.ofPayment(mode, payment.id, tx)
      const refundedMinor = given
        .filter((other) => other.id !== id && other.state === 'succeeded')
        .reduce((sum, other) => sum + other.amount.amountMinor, 0n)
      const value = await refundOf(tx, purchase, refundedMinor)
      const amount = value?.voids(refund.amount.amountMinor) ?? ZERO
      if (amount > ZERO) await credits.voidIn(tx, customer, grantId, amount, cause)
    }
    // The bank returned it: what was taken for it is given back.
    if (refund.state === 'failed' && before?.state === 'succeeded') {
      const taken = await credits.takenFor(tx, customer, grantId, cause)
      await credits.restoreIn(tx, customer, grantId, taken, cause)
    }
  })

  disputes.onDispute(async (tx, dispute, _, payment) => {
    const { mode, id, state } = dispute
    const purchase = await creditPurchases.ofPayment(tx, mode, payment.id)
    const grantId = purchase?.grantId ?? null
    if (grantId === null) return
    const customer = await accounts.get(mode, dispute.customerId, tx)
    const policy = await settings.get(mode, 'payment.on_dispute', tx)
    const standing = standingOf(state)
    if (standing === 'open' && policy !== 'notify') {
      await credits.freezeIn(tx, customer, grantId, true)
    }
    if (standing === 'won') await credits.freezeIn(tx, customer, grantId, false)
    if (standing === 'lost') {
      await credits.voidIn(tx, customer, grantId, 'unburned', { kind: 'dispute', id })
    }
  })

  return { takenBackFor }
}
