import type { z } from 'zod'
import type { couponDefinition } from '../../src/api/contract/coupons.ts'
import type { Actor } from './actor.ts'
import type { World } from './world.ts'
import { until } from './until.ts'

type Written = z.input<typeof couponDefinition>

/** The operator makes a coupon, 12.5 % for good where nothing else is said, and a code of the same name. */
export async function offersCoupon(
  { operator }: World,
  key: string,
  definition: Partial<Written> = {},
): Promise<void> {
  const off = { type: 'percentage', percent: '12.5' } as const
  const body = {
    key,
    definition: { name: key, off, duration: { type: 'forever' as const }, ...definition },
  }
  await operator.post('/api/v1/coupons', { body })
  const params = { couponKey: key }
  await operator.post('/api/v1/coupons/{couponKey}/codes', { params, body: { code: key } })
}

/** Chooses a plan with a code, pays and comes back. */
export async function buysWith(
  actor: Actor,
  planKey: string,
  promotionCode: string,
): Promise<void> {
  const purchase = await actor.choosesPlan(planKey, promotionCode)
  const paid = await purchase.pays()
  if (!paid.ok) throw new Error(`The payment failed: ${await paid.text()}`)
  await purchase.settles()
  // Where we send the invoice ourselves, it is paid after the page is done.
  await until(
    () => actor.overview(),
    ({ subscription }) => subscription?.lifecycle === 'active',
  )
}

export function previewsWith({ portal }: Actor, planKey: string, promotionCode: string) {
  return portal.post('/api/v1/portal/subscriptions/preview', { body: { planKey, promotionCode } })
}

/** The code of the refusal, or that there was none. */
export function refusalOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => 'accepted',
    (error: { readonly code?: string }) => error.code,
  )
}

export async function redemptionsOf({ operator }: World, couponKey: string): Promise<number> {
  const coupon = await operator.get('/api/v1/coupons/{couponKey}', { params: { couponKey } })
  return coupon.redemptionCount
}
