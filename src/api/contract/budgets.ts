import { z } from 'zod'
import { ANY_MEMBER, KEY_HOLDERS, operator, route } from './route.ts'
import { currency, decimal, done, id, instant, key, list, name } from './values.ts'

const tag = 'Budgets'
const customerParams = z.object({ customerId: id })
const budgetParams = z.object({ budgetId: id })
const customerBudgetParams = z.object({ customerId: id, budgetId: id })

/** Units of the meter, or major units of the currency: never negative. */
const amount = decimal.refine((text) => !text.startsWith('-'), 'must not be negative')
const window = z.enum(['hour', 'day', 'week', 'month'])
/** Shares of the amount at which mails go out, once in each window. */
const alertPercents = z.array(z.int().min(1).max(1_000)).max(10)

const budget = z
  .object({
    id: z.string(),
    name: z.string(),
    /** Null: all keys of the account together. */
    keyId: z.string().nullable(),
    /** One of the two: units of a meter, or money at the list price. */
    meterKey: z.string().nullable(),
    currency: z.string().nullable(),
    amount: decimal,
    used: decimal,
    window,
    /** Calls beyond it are refused; otherwise it only tells. */
    isHard: z.boolean(),
    alertPercents: z.array(z.int()),
    startsAt: instant,
    resetsAt: instant,
    createdAt: instant,
  })
  .meta({ id: 'Budget' })

const newBudget = z
  .strictObject({
    name,
    keyId: id.nullable().default(null),
    meterKey: key.nullable().default(null),
    currency: currency.nullable().default(null),
    amount,
    window: window.default('month'),
    isHard: z.boolean().default(true),
    alertPercents: alertPercents.default([80, 100]),
  })
  .refine((given) => (given.meterKey === null) !== (given.currency === null), {
    path: ['meterKey'],
    message: 'give either a meterKey or a currency',
  })

const budgetChange = z.strictObject({
  name: name.optional(),
  amount: amount.optional(),
  window: window.optional(),
  isHard: z.boolean().optional(),
  alertPercents: alertPercents.optional(),
})

export const budgetRoutes = {
  listOwnBudgets: route({
    method: 'get',
    path: '/api/v1/portal/budgets',
    access: ANY_MEMBER,
    summary: 'What the account allows itself and its keys, and how much of it is used',
    tag,
    response: list(budget),
  }),
  createOwnBudget: route({
    method: 'post',
    path: '/api/v1/portal/budgets',
    access: KEY_HOLDERS,
    summary: 'Set a budget for the account or one of its keys',
    tag,
    body: newBudget,
    response: budget,
    status: 201,
  }),
  changeOwnBudget: route({
    method: 'patch',
    path: '/api/v1/portal/budgets/{budgetId}',
    access: KEY_HOLDERS,
    summary: 'Change a budget; it counts within a second',
    tag,
    params: budgetParams,
    body: budgetChange,
    response: budget,
  }),
  removeOwnBudget: route({
    method: 'delete',
    path: '/api/v1/portal/budgets/{budgetId}',
    access: KEY_HOLDERS,
    summary: 'Remove a budget',
    tag,
    params: budgetParams,
    response: done,
  }),
  listCustomerBudgets: route({
    method: 'get',
    path: '/api/v1/customers/{customerId}/budgets',
    access: operator('read'),
    summary: 'The budgets of a customer and of its keys',
    tag,
    params: customerParams,
    response: list(budget),
  }),
  createCustomerBudget: route({
    method: 'post',
    path: '/api/v1/customers/{customerId}/budgets',
    access: operator('keys.write'),
    summary: 'Set a budget for a customer or one of its keys',
    tag,
    params: customerParams,
    body: newBudget,
    response: budget,
    status: 201,
  }),
  changeCustomerBudget: route({
    method: 'patch',
    path: '/api/v1/customers/{customerId}/budgets/{budgetId}',
    access: operator('keys.write'),
    summary: 'Change a budget of a customer',
    tag,
    params: customerBudgetParams,
    body: budgetChange,
    response: budget,
  }),
  removeCustomerBudget: route({
    method: 'delete',
    path: '/api/v1/customers/{customerId}/budgets/{budgetId}',
    access: operator('keys.write'),
    summary: 'Remove a budget of a customer',
    tag,
    params: customerBudgetParams,
    response: done,
  }),
}
