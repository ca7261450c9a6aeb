import { z } from 'zod'
import { operator, route } from './route.ts'
import { id, instant, page, pageQuery } from './values.ts'

const tag = 'Stripe'

const finding = z
  .object({
    id: z.string(),
    category: z.enum([
      'amount',
      'rounding',
      'missing_local',
      'missing_remote',
      'status',
      'currency',
      'mode',
      'orphan',
      'late',
      'drift',
      'webhook',
      'meter',
      'deleted',
      'fraud',
      'configuration',
    ]),
    state: z.enum(['open', 'explained', 'repaired', 'dismissed']),
    subjectKind: z.string(),
    subjectId: z.string(),
    customerId: z.string().nullable(),
    summary: z.string(),
    /** The values that differ, side by side. */
    ours: z.unknown(),
    theirs: z.unknown(),
    note: z.string().nullable(),
    foundAt: instant,
    seenAt: instant,
    settledAt: instant.nullable(),
  })
  .meta({ id: 'Finding' })

export const findingRoutes = {
  listFindings: route({
    method: 'get',
    path: '/api/v1/findings',
    access: operator('read'),
    summary: 'Where our numbers and Stripe’s differ, newest first',
    tag,
    query: pageQuery.extend({
      state: finding.shape.state.optional(),
      category: finding.shape.category.optional(),
      customerId: id.optional(),
    }),
    response: page(finding),
  }),
  dismissFinding: route({
    method: 'post',
    path: '/api/v1/findings/{findingId}/dismiss',
    access: operator('payments.write'),
    summary: 'Settle a finding about which nothing needs to be done, with the reason',
    tag,
    params: z.object({ findingId: id }),
    body: z.strictObject({ note: z.string().trim().min(1).max(500) }),
    response: finding,
  }),
}
