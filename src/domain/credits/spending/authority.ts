import type { QuotaAuthority } from '../../entitlements/quota-authority.service.ts'
import type { LeaseAnswer, QuotaKey } from '../../entitlements/quota.ts'
import type { CreditTerms } from './credit-terms.ts'
import type { CreditSpending } from './service.ts'

/** The authority over quotas, to which credits are one more kind of quota: leased, given back and settled alike. */
export function withCredits(quotas: QuotaAuthority, spending: CreditSpending): QuotaAuthority {
  return {
    ...quotas,

    async lease(producerId, asks) {
      const own = asks.filter((ask) => !isCredit(ask))
      const answers = new Map<unknown, LeaseAnswer>()
      const leased = await quotas.lease(producerId, own)
      for (const [i, ask] of own.entries()) {
        const answer = leased[i]
        if (answer !== undefined) answers.set(ask, answer)
      }
      for (const ask of asks.filter(isCredit)) {
        answers.set(ask, await spending.lease(producerId, ask))
      }
      return asks.map((ask) => answers.get(ask) ?? { kind: 'unopened' })
    },

    async giveBack(producerId, unspent) {
      await quotas.giveBack(
        producerId,
        unspent.filter((each) => !isCredit(each)),
      )
      for (const each of unspent.filter(isCredit)) await spending.giveBack(producerId, each)
    },

    async settle(producerId, sequence, settled) {
      await quotas.settle(
        producerId,
        sequence,
        settled.filter((each) => !isCredit(each)),
      )
      const byFeature = Map.groupBy(
        settled.filter(isCredit),
        ({ mode, subscriptionId, credit }) => `${mode} ${subscriptionId} ${credit.featureKey}`,
      )
      for (const own of byFeature.values()) await spending.settle(producerId, sequence, own)
    },

    async retire(producerId) {
      await quotas.retire(producerId)
      await spending.retire(producerId)
    },

    onRecall(listener) {
      const stops = [quotas.onRecall(listener), spending.onNews(listener)]
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

function isCredit<Key extends QuotaKey>(key: Key): key is Key & { readonly credit: CreditTerms } {
  return key.credit !== undefined
}
