import { z } from 'zod'
import { changeKind, period, subscription } from './models.ts'
import { offeredPlan } from './public.ts'
import { ANY_MEMBER, operator, PAYERS, route } from './route.ts'
import { decimal, id, instant, key, list, money, promotionCodeText } from './values.ts'

/** What a change of plan will do and cost, to the cent. Confirmed by its id, it is carried out exactly so or not at all. */
export const changePreview = z
  .object({
    /** Confirm with it until `expiresAt`. */
    quoteId: z.string(),
    expiresAt: instant,
    /**
     * `checkout` leads to a payment page, because nothing is paid for so far; everything else happens to the subscription
     * there is.
     */
    way: z.enum(['in_place', 'checkout']),
    kind: changeKind,
    direction: z.enum(['upgrade', 'downgrade', 'lateral']),
    timing: z.enum(['immediate', 'at_period_end']),
    effectiveAt: instant,
    from: z.object({ planKey: z.string(), planName: z.string(), planVersion: z.int() }),
    to: z.object({ planKey: z.string(), planName: z.string(), planVersion: z.int() }),
    /** The billing period the customer is in after the change. */
    period,
    /** The invoice the change makes at once; null when there is none. */
    invoice: z
      .object({
        lines: z.array(
          z.object({
            description: z.string(),
            amount: money,
            isProration: z.boolean(),
            startsAt: instant,
            endsAt: instant,
          }),
        ),
        subtotal: money,
        discount: money,
        tax: money,
        total: money,
        /** What the balance takes off. */
        balanceApplied: money,
        amountDue: money,
      })
      .nullable(),
    /**
     * `before_change`: the old plan stays until it is paid. `by_invoice`: the change happens, the invoice follows.
     * `credit`: goes to the balance, for the next invoices.
     */
    payment: z.object({
      kind: z.enum(['none', 'before_change', 'by_invoice', 'credit']),
      amount: money,
    }),
    /** What is known of the next regular invoice; usage comes on top. */
    nextInvoice: z.object({ at: instant, fees: money, amountDue: money }).nullable(),
    quotas: z.array(
      z.object({
        featureKey: z.string(),
        featureName: z.string(),
        /** Null is unlimited; absent where that side has no quota. */
        limitBefore: decimal.nullable().optional(),
        limitAfter: decimal.nullable().optional(),
        usedAfter: decimal,
        remainingAfter: decimal.nullable(),
        resetsAt: instant.nullable(),
      }),
    ),
    /** Add-ons that are there more or less often afterwards; 0 is not there. */
    addOns: z.array(
      z.object({
        key: z.string(),
        name: z.string(),
        quantityBefore: z.int(),
        quantityAfter: z.int(),
      }),
    ),
    notices: z.array(
      z.object({
        kind: z.enum([
          'add_ons_ended',
          'tiers_restart',
          'period_restarts',
          'features_lost',
          'features_gained',
          'quota_used_up',
          'overrides_dropped',
          'overrides_kept',
        ]),
        message: z.string(),
      }),
    ),
  })
  .meta({ id: 'ChangePreview' })

/** What became of a confirmed change. */
export const changeResult = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('applied'), subscription }),
  z.object({ kind: z.literal('scheduled'), subscription }),
  /** The old plan stays until the invoice is paid, for a day at most; 3-D Secure happens on that page too. */
  z.object({
    kind: z.literal('awaiting_payment'),
    subscription,
    paymentUrl: z.string().nullable(),
  }),
  /** Accepted, and not answered by Stripe yet: it is finished within a minute. */
  z.object({ kind: z.literal('executing'), subscription }),
  z.object({ kind: z.literal('checkout'), intentId: z.string(), url: z.string() }),
])

const timing = z.enum(['auto', 'immediate', 'at_period_end']).default('auto')
/** Everything there is to be on top of the plan, which replaces what there is; left out, what goes with the plan stays. */
const addOns = z
  .array(z.strictObject({ key, quantity: z.int().min(0).max(1_000_000) }))
  .max(20)
  .optional()
const confirmation = z.strictObject({ quoteId: id })
const subscriptionParams = z.object({ subscriptionId: id })
/** What a subscription may have on top of its plan, and how often it has it. */
const offeredAddOn = offeredPlan.extend({ quantity: z.int(), isOnSale: z.boolean() })

export const planChangeRoutes = {
  listOwnAddOns: route({
    method: 'get',
    path: '/api/v1/portal/subscription/add-ons',
    access: ANY_MEMBER,
    summary: 'What may be had on top of the plan, and how often it is',
    tag: 'Portal',
    response: list(offeredAddOn),
  }),
  listAddOns: route({
    method: 'get',
    path: '/api/v1/subscriptions/{subscriptionId}/add-ons',
    access: operator('read'),
    summary: 'What the subscription may have on top of its plan, and how often it has it',
    tag: 'Subscriptions',
    params: subscriptionParams,
    response: list(offeredAddOn),
  }),
  previewOwnChange: route({
    method: 'post',
    path: '/api/v1/portal/subscription/change/preview',
    access: PAYERS,
    summary: 'What another plan, or other add-ons, would cost and do',
    tag: 'Portal',
    body: z.strictObject({
      /** Null: the plan stays, and only add-ons change. */
      planKey: key.nullable().default(null),
      addOns,
      promotionCode: promotionCodeText.optional(),
    }),
    response: changePreview,
  }),
  changeOwnSubscription: route({
    method: 'post',
    path: '/api/v1/portal/subscription/change',
    access: PAYERS,
    summary: 'Change plan and add-ons exactly as it was previewed',
    tag: 'Portal',
    /** The code only where a payment page comes next, and the one of the preview. */
    body: confirmation.extend({ promotionCode: promotionCodeText.optional() }),
    response: changeResult,
  }),
  undoOwnChange: route({
    method: 'post',
    path: '/api/v1/portal/subscription/change/undo',
    access: PAYERS,
    summary: 'Take back a change that is scheduled or waits for its payment',
    tag: 'Portal',
    response: subscription,
  }),
  previewChange: route({
    method: 'post',
    path: '/api/v1/subscriptions/{subscriptionId}/change/preview',
    access: operator('subscriptions.write'),
    summary: 'What another plan, version or other add-ons would cost and do',
    tag: 'Subscriptions',
    params: subscriptionParams,
    body: z.strictObject({
      /** Null: the plan stays, and only add-ons change. */
      planKey: key.nullable().default(null),
      addOns,
      /** Null: the version on sale. */
      planVersion: z.int().min(1).nullable().default(null),
      /** `auto`: upgrades now, everything else when the period ends. */
      timing,
    }),
    response: changePreview,
  }),
  changeSubscription: route({
    method: 'post',
    path: '/api/v1/subscriptions/{subscriptionId}/change',
    access: operator('subscriptions.write'),
    summary: 'Change plan and add-ons exactly as it was previewed',
    tag: 'Subscriptions',
    params: subscriptionParams,
    body: confirmation,
    response: changeResult,
  }),
  undoChange: route({
    method: 'post',
    path: '/api/v1/subscriptions/{subscriptionId}/change/undo',
    access: operator('subscriptions.write'),
    summary: 'Take back a change that is scheduled or waits for its payment',
    tag: 'Subscriptions',
    params: subscriptionParams,
    response: subscription,
  }),
}
