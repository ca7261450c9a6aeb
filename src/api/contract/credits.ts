import { z } from 'zod'
import { ANY_MEMBER, operator, PAYERS, route } from './route.ts'
import {
  currency,
  decimal,
  done,
  duration,
  id,
  instant,
  key,
  list,
  money,
  name,
  page,
  pageQuery,
} from './values.ts'

const tag = 'Credits'
const customerParams = z.object({ customerId: id })

/** `money:usd`, `feature:requests` or `custom:credits`. */
export const creditUnit = z
  .string()
  .regex(
    /^(?:money|feature|custom):[a-z0-9_]{1,64}$/,
    'must read money:usd, feature:requests or custom:credits',
  )

const balance = z.object({
  unit: creditUnit,
  /** What can be spent now. */
  available: decimal,
  /** Held for requests under way. */
  reserved: decimal,
  /** Used beyond the balance; the next grant pays it first. */
  debt: decimal,
})

const grant = z
  .object({
    id: z.string(),
    unit: creditUnit,
    amount: decimal,
    category: z.enum(['paid', 'promotional', 'plan', 'compensation', 'rollover']),
    /** 1 to 255, the lowest is used first. */
    priority: z.int(),
    state: z.enum(['pending', 'active', 'depleted', 'expired', 'voided']),
    /** While its payment is disputed nothing is taken from it. */
    isFrozen: z.boolean(),
    left: decimal,
    burned: decimal,
    expired: decimal,
    voided: decimal,
    effectiveAt: instant,
    expiresAt: instant.nullable(),
    appliesTo: z.array(z.string()).nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'CreditGrant' })

const entry = z
  .object({
    unit: creditUnit,
    grantId: z.string().nullable(),
    type: z.enum(['granted', 'reserved', 'released', 'burned', 'expired', 'voided', 'adjusted']),
    amount: decimal,
    balanceAfter: decimal,
    causeKind: z.string(),
    causeId: z.string(),
    at: instant,
  })
  .meta({ id: 'CreditEntry' })

const pack = z
  .object({
    key,
    name,
    unit: creditUnit,
    amountPerPack: decimal,
    price: money,
    priority: z.int(),
    /** How long bought credits stay valid; null is for good. */
    validFor: duration.nullable(),
    appliesTo: z.array(z.string()).nullable(),
    archivedAt: instant.nullable(),
  })
  .meta({ id: 'CreditPack' })

const purchase = z
  .object({
    id: z.string(),
    packKey: z.string(),
    quantity: z.int(),
    amount: money,
    cause: z.enum(['customer', 'top_up']),
    state: z.enum(['pending', 'paid', 'failed', 'expired']),
    failureMessage: z.string().nullable(),
    /** Stripe's page on which it is paid. */
    checkoutUrl: z.string().nullable(),
    createdAt: instant,
  })
  .meta({ id: 'CreditPurchase' })

const topUpPurchase = z
  .object({
    id: z.string(),
    packKey: z.string(),
    quantity: z.int(),
    amount: money,
    state: z.enum(['pending', 'paid', 'failed', 'expired']),
    failureMessage: z.string().nullable(),
    createdAt: instant,
    settledAt: instant.nullable(),
  })
  .meta({ id: 'TopUp' })

const topUp = z.object({
  isEnabled: z.boolean(),
  packKey: key,
  quantity: z.int().min(1).max(1_000),
  /** Bought when less than this is available. */
  threshold: decimal,
  maximumPerDay: decimal.nullable(),
  maximumPerMonth: decimal.nullable(),
})

const account = z.object({
  balances: z.array(balance),
  grants: z.array(grant),
  /** Null: nobody has set one. */
  topUp: topUp.nullable(),
})

export const creditRoutes = {
  getCustomerCredits: route({
    method: 'get',
    path: '/api/v1/customers/{customerId}/credits',
    access: operator('read'),
    summary: 'What credits a customer has, where they came from, and what is bought by itself',
    tag,
    params: customerParams,
    response: account,
  }),
  listCustomerCreditEntries: route({
    method: 'get',
    path: '/api/v1/customers/{customerId}/credits/ledger',
    access: operator('read'),
    summary: 'Every movement of a customer’s credits, newest first',
    tag,
    params: customerParams,
    query: pageQuery,
    response: page(entry),
  }),
  listCustomerTopUps: route({
    method: 'get',
    path: '/api/v1/customers/{customerId}/credits/top-ups',
    access: operator('read'),
    summary: 'Credits that were bought by themselves, and what became of it, newest first',
    tag,
    params: customerParams,
    query: pageQuery,
    response: page(topUpPurchase),
  }),
  grantCredits: route({
    method: 'post',
    path: '/api/v1/customers/{customerId}/credits/grants',
    access: operator('payments.write'),
    summary: 'Give credits: a promotion, or an apology',
    tag,
    params: customerParams,
    body: z.strictObject({
      unit: creditUnit,
      amount: decimal,
      category: z.enum(['promotional', 'compensation']).default('promotional'),
      priority: z.int().min(1).max(255).default(100),
      expiresAt: instant.nullable().default(null),
      appliesTo: z.array(key).min(1).max(50).nullable().default(null),
      note: z.string().trim().max(500).nullable().default(null),
    }),
    response: account,
    status: 201,
  }),
  voidCreditGrant: route({
    method: 'post',
    path: '/api/v1/credit-grants/{grantId}/void',
    access: operator('payments.write'),
    summary: 'Take back what is left of a grant',
    tag,
    params: z.object({ grantId: id }),
    body: z.strictObject({ note: z.string().trim().max(500).nullable().default(null) }),
    response: done,
  }),
  consumeCredits: route({
    method: 'post',
    path: '/api/v1/customers/{customerId}/credits/consume',
    access: operator('payments.write'),
    summary: 'Burn credits, all of the amount or nothing; named the same, once',
    tag,
    params: customerParams,
    body: z.strictObject({
      unit: creditUnit,
      amount: decimal,
      featureKey: key.nullable().default(null),
      /** Your name for what consumed them. */
      reference: z.string().min(1).max(200),
    }),
    response: z.object({ available: decimal }),
  }),
  listCreditPacks: route({
    method: 'get',
    path: '/api/v1/credit-packs',
    access: operator('read'),
    summary: 'Credits on sale',
    tag,
    response: list(pack),
  }),
  putCreditPack: route({
    method: 'put',
    path: '/api/v1/credit-packs/{packKey}',
    access: operator('catalog.write'),
    summary: 'Put credits on sale, or change what they cost from now on',
    tag,
    params: z.object({ packKey: key }),
    body: z.strictObject({
      name,
      unit: creditUnit,
      amountPerPack: decimal,
      priceMinor: z.int().positive(),
      currency,
      priority: z.int().min(1).max(255).default(100),
      validFor: duration.nullable().default(null),
      appliesTo: z.array(key).min(1).max(50).nullable().default(null),
    }),
    response: pack,
  }),
  archiveCreditPack: route({
    method: 'delete',
    path: '/api/v1/credit-packs/{packKey}',
    access: operator('catalog.write'),
    summary: 'Take credits off sale',
    tag,
    params: z.object({ packKey: key }),
    response: done,
  }),
  getOwnCredits: route({
    method: 'get',
    path: '/api/v1/portal/credits',
    access: ANY_MEMBER,
    summary: 'The account’s credits, what is on sale, and what is bought by itself',
    tag: 'Portal',
    response: account.extend({ packs: z.array(pack) }),
  }),
  listOwnCreditEntries: route({
    method: 'get',
    path: '/api/v1/portal/credits/ledger',
    access: ANY_MEMBER,
    summary: 'Every movement of the account’s credits, newest first',
    tag: 'Portal',
    query: pageQuery,
    response: page(entry),
  }),
  listOwnTopUps: route({
    method: 'get',
    path: '/api/v1/portal/credits/top-ups',
    access: ANY_MEMBER,
    summary: 'Credits that were bought by themselves, and what became of it, newest first',
    tag: 'Portal',
    query: pageQuery,
    response: page(topUpPurchase),
  }),
  buyCredits: route({
    method: 'post',
    path: '/api/v1/portal/credit-purchases',
    access: PAYERS,
    summary: 'Buy credits; answers with the address of the payment page',
    tag: 'Portal',
    body: z.strictObject({ packKey: key, quantity: z.int().min(1).max(1_000).default(1) }),
    response: purchase,
    status: 201,
  }),
  getOwnCreditPurchase: route({
    method: 'get',
    path: '/api/v1/portal/credit-purchases/{purchaseId}',
    access: PAYERS,
    summary: 'How a purchase of credits stands',
    tag: 'Portal',
    params: z.object({ purchaseId: id }),
    response: purchase,
  }),
  setOwnTopUp: route({
    method: 'put',
    path: '/api/v1/portal/credits/top-up',
    access: PAYERS,
    summary: 'Buy credits by itself when the balance falls below a threshold',
    tag: 'Portal',
    body: z.strictObject(topUp.shape),
    response: topUp,
  }),
}
