import { decimal } from '../../src/kit/decimal.ts'
import type { BackOffice, Payer } from './back-office.ts'

let sequence = 0

/** What a gateway reports: units of a meter, used now or at the given instant of the subscription. */
export async function uses(
  { domain }: BackOffice,
  { id: customerId }: Payer,
  units: number | string,
  { meterKey = 'requests', at }: { readonly meterKey?: string; readonly at?: number } = {},
): Promise<void> {
  const subscription = await domain.subscriptions.findLatest('test', customerId)
  if (subscription === undefined) throw new Error('Nothing is subscribed to')
  const bucketAt = at ?? subscription.currentPeriod?.startsAt ?? domain.clocks.now('test')
  sequence += 1
  await domain.metering.applyBatch('test-gateway', sequence, [
    {
      mode: 'test',
      subscriptionId: subscription.id,
      customerId,
      meterKey,
      bucketAt,
      apiKeyId: '',
      routeKey: '',
      dimension: '',
      eventCount: 1,
      value: decimal(String(units)),
    },
  ])
}
