/** Amounts and dates come formatted, in the payload; a mail says what was true when it was written. */
export interface Payloads {
  readonly welcome: Record<string, never>
  readonly subscription_started: { readonly plan: string }
  readonly subscription_canceled: { readonly plan: string; readonly endsOn: string }
  readonly subscription_ended: { readonly plan: string }
  readonly plan_migrated: {
    readonly plan: string
    /** Null: with the first renewal after `earliestOn`. */
    readonly on: string | null
    readonly earliestOn: string
    readonly priceBefore: string
    readonly priceAfter: string
  }
  readonly plan_invitation: {
    readonly plan: string
    readonly expiresOn: string
    readonly sealedToken: string
  }
  readonly member_invitation: {
    readonly invitedBy: string
    readonly role: string
    readonly expiresOn: string
    readonly sealedToken: string
  }
  readonly trial_ending: {
    readonly plan: string
    readonly endsOn: string
    /** Whether there is something to charge then. */
    readonly hasMethod: boolean
  }
  readonly payment_failed: {
    readonly amount: string
    readonly reason: string | null
    readonly needsNewMethod: boolean
    /** When access stops; null when it does not. */
    readonly blocksAt: string | null
    readonly invoiceId: string
  }
  readonly payment_action_required: {
    readonly amount: string
    readonly invoiceId: string
    readonly url: string | null
  }
  readonly access_blocking_soon: {
    readonly amount: string
    readonly blocksAt: string
    readonly invoiceId: string
  }
  readonly access_blocked: { readonly amount: string; readonly invoiceId: string }
  readonly payment_given_up: { readonly amount: string; readonly invoiceId: string }
  readonly payment_recovered: { readonly amount: string }
  readonly invoice_issued: {
    readonly amount: string
    readonly number: string | null
    readonly period: string
    readonly dueOn: string
    /** How to pay it, as the operator wrote it. */
    readonly instructions: string | null
    readonly invoiceId: string
  }
  readonly invoice_reminder: {
    readonly amount: string
    readonly number: string | null
    readonly dueOn: string
    readonly isOverdue: boolean
    /** When access stops; null when it does not. */
    readonly blocksAt: string | null
    readonly hasStopped: boolean
    /** How to pay it, as the operator wrote it. */
    readonly instructions: string | null
    readonly invoiceId: string
  }
  readonly invoice_paid: {
    readonly amount: string
    readonly number: string | null
    readonly period: string
    readonly method: string | null
    readonly invoiceId: string
  }
  readonly refund_issued: { readonly amount: string; readonly method: string | null }
  readonly refund_failed: { readonly amount: string }
  readonly payment_method_removed: { readonly method: string; readonly dueOn: string | null }
  readonly card_expiring: { readonly method: string; readonly expires: string }
  readonly quota_threshold: {
    readonly feature: string
    readonly percent: number
    readonly used: string
    readonly limit: string
    readonly resetsOn: string
    /** What happens beyond: refused, billed, slowed down or nothing. */
    readonly beyond: string
  }
  readonly budget_threshold: {
    readonly budget: string
    readonly percent: number
    readonly used: string
    readonly limit: string
    readonly resetsOn: string
    readonly isHard: boolean
  }
  readonly credits_low: { readonly balance: string }
  readonly credits_depleted: { readonly unit: string }
  readonly credits_granted: { readonly amount: string; readonly expiresOn: string | null }
  readonly top_up_failed: { readonly amount: string; readonly reason: string | null }
  readonly dispute_opened: {
    readonly amount: string
    readonly customer: string
    readonly reason: string
    readonly dueAt: string | null
    readonly disputeId: string
  }
  readonly dispute_deadline: {
    readonly amount: string
    readonly customer: string
    readonly dueAt: string
    readonly disputeId: string
  }
  readonly dispute_closed: {
    readonly amount: string
    readonly customer: string
    readonly outcome: string
    readonly disputeId: string
  }
  readonly fraud_warning: {
    readonly amount: string
    readonly customer: string
    readonly fraudType: string
    readonly paymentId: string
  }
  readonly refund_waits: { readonly amount: string; readonly customer: string }
}
