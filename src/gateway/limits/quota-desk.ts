import type { AccessSource, UsageSource } from '../../domain/entitlements/access-record.ts'
import type { QuotaAuthority, Recalled } from '../../domain/entitlements/quota-authority.service.ts'
import type { LeaseAnswer, LeaseAsk, Spending } from '../../domain/entitlements/quota.ts'

/** What a process asks for leases: the authority itself, or a parent process that asks it on our behalf. */
export interface QuotaDesk {
  lease(producerId: string, asks: readonly DeskAsk[]): Promise<LeaseAnswer[]>
  giveBack(producerId: string, unspent: readonly Spending[]): Promise<void>
  onRecall(listener: (quota: Recalled) => void): () => void
}

export interface DeskAsk extends LeaseAsk {
  /** Whose usage so far a window is opened with. */
  readonly source: UsageSource
}

/** Windows nobody has asked for yet are opened with what the database has counted in them. */
export function createQuotaDesk(deps: {
  readonly authority: QuotaAuthority
  readonly access: Pick<AccessSource, 'used'>
}): QuotaDesk {
  const { authority, access } = deps
  return {
    async lease(producerId, asks) {
      const answers = await authority.lease(producerId, asks)
      const unopened = asks.filter((_, i) => answers[i]?.kind === 'unopened')
      if (unopened.length === 0) return answers
      await Promise.all(
        unopened.map(async (ask) => {
          const used = await access.used(ask.mode, ask.source, ask.window)
          await authority.open(ask, used)
        }),
      )
      const opened = await authority.lease(producerId, unopened)
      return answers.map((answer, i) => {
        const index = unopened.indexOf(asks[i] as DeskAsk)
        return index < 0 ? answer : (opened[index] ?? answer)
      })
    },
    giveBack: (producerId, unspent) => authority.giveBack(producerId, unspent),
    onRecall: (listener) => authority.onRecall(listener),
  }
}
