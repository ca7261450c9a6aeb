import { submit } from '../simulator/pages-support.ts'
import type { Actor } from './actor.ts'
import { until } from './until.ts'

export const entered = (cardNumber: string) => ({
  cardNumber,
  cardExpiry: '12 / 40',
  cardCvc: '123',
  billingName: 'Somebody',
  postalCode: '10001',
})

/** The card is changed to one whose bank wants to see its holder at every payment. */
export async function usesCardThatAsks({ portal }: Actor): Promise<void> {
  const { url } = await portal.post('/api/v1/portal/payment-methods')
  const asked = await submit(url, entered('4000002760003184'))
  const bank = new URL(asked.headers.get('location') ?? '', url)
  await submit(bank.href, { outcome: 'complete' })
  const methods = await until(
    async () => (await portal.get('/api/v1/portal/payment-methods')).data,
    (list) => list.length === 2,
  )
  const added = methods.find(({ lastFour }) => lastFour === '3184')
  await portal.post('/api/v1/portal/payment-methods/{methodId}/default', {
    params: { methodId: added?.id ?? '' },
  })
}

/** What the bank's page is asked for and told, as the customer reaches it from the page of the invoice. */
export async function tellsBank(invoiceUrl: string, outcome: 'complete' | 'fail'): Promise<void> {
  const page = await (await fetch(invoiceUrl)).text()
  const bank = new URL(/\/authenticate\/\w+/.exec(page)?.[0] ?? '', invoiceUrl)
  await submit(bank.href, { outcome })
}
