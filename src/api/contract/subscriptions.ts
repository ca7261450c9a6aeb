import { z } from 'zod'
import { accessOverride, paymentStatus, subscription } from './models.ts'
import { operator, route } from './route.ts'
import { id, instant, page, pageQuery } from './values.ts'

const tag = 'Subscriptions'
const params = z.object({ subscriptionId: id })

export const subscriptionRoutes = {
  listSubscriptions: route({
    method: 'get',
    path: '/api/v1/subscriptions',
    access: operator('read'),
    summary: 'Subscriptions, newest first',
    tag,
    query: pageQuery.extend({
      customerId: id.optional(),
      planKey: z.string().max(64).optional(),
      state: z.enum(['open', 'closed']).optional(),
      paymentStatus: paymentStatus.optional(),
    }),
    response: page(subscription),
  }),
  getSubscription: route({
    method: 'get',
    path: '/api/v1/subscriptions/{subscriptionId}',
    access: operator('read'),
    summary: 'One subscription',
    tag,
    params,
    response: subscription,
  }),
  cancelSubscription: route({
    method: 'post',
    path: '/api/v1/subscriptions/{subscriptionId}/cancel',
    access: operator('subscriptions.write'),
    summary: 'Cancel a subscription, by default at the end of what is paid for',
    tag,
    params,
    isVersioned: true,
    body: z.strictObject({ timing: z.enum(['default', 'period_end', 'now']).default('default') }),
    response: subscription,
  }),
  resumeSubscription: route({
    method: 'post',
    path: '/api/v1/subscriptions/{subscriptionId}/resume',
    access: operator('subscriptions.write'),
    summary: 'End a pause, or take a cancellation back before it takes effect',
    tag,
    isVersioned: true,
    params,
    response: subscription,
  }),
  pauseSubscription: route({
    method: 'post',
    path: '/api/v1/subscriptions/{subscriptionId}/pause',
    access: operator('subscriptions.write'),
    summary: 'Pause: no access and no charge; what was paid ahead is credited',
    tag,
    params,
    isVersioned: true,
    body: z.strictObject({
      /** Null: until somebody resumes it. */
      resumesAt: instant.nullable().default(null),
    }),
    response: subscription,
  }),
  overrideAccess: route({
    method: 'put',
    path: '/api/v1/subscriptions/{subscriptionId}/access',
    access: operator('subscriptions.write'),
    summary: 'Let a customer in until a date, or keep them out, whatever was paid; null ends it',
    tag,
    isVersioned: true,
    params,
    body: z.strictObject({ override: accessOverride.nullable() }),
    response: subscription,
  }),
}
