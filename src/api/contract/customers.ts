import { z } from 'zod'
import {
  apiKey,
  customer,
  invoice,
  invoiceWithLines,
  issuedKey,
  payment,
  quota,
  subscription,
  usageQuery,
  usageSeries,
} from './models.ts'
import { operator, route } from './route.ts'
import { decimal, done, id, list, metadata, name, page, pageQuery, timeZone } from './values.ts'

const tag = 'Customers'
const customerParams = z.object({ customerId: id })
const keyParams = z.object({ customerId: id, keyId: id })
const IDS = /^\w{1,64}(?:,\w{1,64}){0,99}$/
const suspensionReason = z.enum(['abuse', 'operator', 'payment'])

const paymentState = z.enum([
  'pending',
  'requires_action',
  'processing',
  'succeeded',
  'failed',
  'canceled',
  'partially_refunded',
  'refunded',
  'disputed',
  'disputed_lost',
])

export const customerRoutes = {
  listCustomers: route({
    method: 'get',
    path: '/api/v1/customers',
    access: operator('read'),
    summary: 'Customers, newest first',
    tag,
    query: pageQuery.extend({
      /** Part of a name or e-mail address; a whole id, key or Stripe id. */
      search: z.string().max(200).optional(),
      /** Ids separated by commas: exactly these customers. */
      ids: z.string().regex(IDS, 'must be 1 to 100 ids, separated by commas').optional(),
    }),
    response: page(customer),
  }),
  createCustomer: route({
    method: 'post',
    path: '/api/v1/customers',
    access: operator('customers.write'),
    summary: 'Create a customer',
    tag,
    body: z.strictObject({
      name,
      key: z
        .string()
        .regex(/^[a-z0-9_-]{1,64}$/)
        .optional(),
      email: z.email().nullable().optional(),
      timeZone: timeZone.optional(),
      maxPaymentOverdueDays: decimal.nullable().optional(),
      metadata: metadata.optional(),
    }),
    response: customer,
    status: 201,
  }),
  getCustomer: route({
    method: 'get',
    path: '/api/v1/customers/{customerId}',
    access: operator('read'),
    summary: 'One customer with its subscription, quotas and members',
    tag,
    params: customerParams,
    response: customer.extend({
      subscription: subscription.nullable(),
      quotas: z.array(quota),
      members: z.array(
        z.object({ userId: z.string(), name: z.string(), email: z.string(), role: z.string() }),
      ),
      stripeCustomerId: z.string().nullable(),
    }),
  }),
  updateCustomer: route({
    method: 'patch',
    path: '/api/v1/customers/{customerId}',
    access: operator('customers.write'),
    summary: 'Change a customer',
    tag,
    params: customerParams,
    body: z.strictObject({
      name: name.optional(),
      email: z.email().nullable().optional(),
      timeZone: timeZone.optional(),
      maxPaymentOverdueDays: decimal.nullable().optional(),
      metadata: metadata.optional(),
    }),
    response: customer,
  }),
  suspendCustomer: route({
    method: 'post',
    path: '/api/v1/customers/{customerId}/suspend',
    access: operator('customers.write'),
    summary: 'Suspend a customer; reasons stack',
    tag,
    params: customerParams,
    body: z.strictObject({
      reason: suspensionReason,
      note: z.string().max(500).nullable().default(null),
    }),
    response: customer,
  }),
  reinstateCustomer: route({
    method: 'post',
    path: '/api/v1/customers/{customerId}/reinstate',
    access: operator('customers.write'),
    summary: 'Lift one reason of a suspension',
    tag,
    params: customerParams,
    body: z.strictObject({
      reason: z.enum([
        'payment',
        'payment_method_removed',
        'subscription_deleted',
        'abuse',
        'operator',
        'owner_suspended',
        'dispute',
      ]),
    }),
    response: customer,
  }),
  listCustomerKeys: route({
    method: 'get',
    path: '/api/v1/customers/{customerId}/keys',
    access: operator('read'),
    summary: 'The API keys of a customer',
    tag,
    params: customerParams,
    response: list(apiKey),
  }),
  issueCustomerKey: route({
    method: 'post',
    path: '/api/v1/customers/{customerId}/keys',
    access: operator('keys.write'),
    summary: 'Create an API key for a customer; shown once',
    tag,
    params: customerParams,
    body: z.strictObject({ name }),
    response: issuedKey,
    status: 201,
  }),
  rotateCustomerKey: route({
    method: 'post',
    path: '/api/v1/customers/{customerId}/keys/{keyId}/rotate',
    access: operator('keys.write'),
    summary: 'Replace a key; the old one works for the overlap',
    tag,
    params: keyParams,
    body: z.strictObject({ overlapHours: z.int().min(0).max(720).default(24) }),
    response: issuedKey,
    status: 201,
  }),
  revokeCustomerKey: route({
    method: 'post',
    path: '/api/v1/customers/{customerId}/keys/{keyId}/revoke',
    access: operator('keys.write'),
    summary: 'End a key for good',
    tag,
    params: keyParams,
    response: apiKey,
  }),
  getCustomerUsage: route({
    method: 'get',
    path: '/api/v1/customers/{customerId}/usage',
    access: operator('read'),
    summary: 'Usage of a meter over time',
    tag,
    params: customerParams,
    query: usageQuery,
    response: usageSeries,
  }),
  listInvoices: route({
    method: 'get',
    path: '/api/v1/invoices',
    access: operator('read'),
    summary: 'Invoices, newest first',
    tag: 'Billing',
    query: pageQuery.extend({ customerId: id.optional(), state: invoice.shape.state.optional() }),
    response: page(invoice),
  }),
  getInvoice: route({
    method: 'get',
    path: '/api/v1/invoices/{invoiceId}',
    access: operator('read'),
    summary: 'One invoice with its lines explained',
    tag: 'Billing',
    params: z.object({ invoiceId: id }),
    response: invoiceWithLines,
  }),
  listPayments: route({
    method: 'get',
    path: '/api/v1/payments',
    access: operator('read'),
    summary: 'Payments, newest first',
    tag: 'Billing',
    query: pageQuery.extend({
      customerId: id.optional(),
      invoiceId: id.optional(),
      state: paymentState.optional(),
    }),
    response: page(payment),
  }),
  deleteMapping: route({
    method: 'delete',
    path: '/api/v1/provider-mappings/stripe/customer/{customerId}',
    access: operator('customers.write'),
    summary: 'Forget which Stripe customer a customer is, so that it is made anew',
    tag,
    params: customerParams,
    response: done,
  }),
}
