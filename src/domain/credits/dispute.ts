import { assertNever } from '../../kit/assert.ts'
import type { CreditAccount, LedgerCause } from './account.ts'
import type { CreditGrant } from './grant.ts'
import { decideVoid, type Posting } from './ledger.ts'

export type DisputeNews = 'opened' | 'won' | 'lost'

export type DisputeEffect =
  /** Nothing can be taken from the grant until the dispute is decided. */
  | { readonly kind: 'freeze'; readonly grantId: string }
  | { readonly kind: 'unfreeze'; readonly grantId: string }
  | { readonly kind: 'void'; readonly grantId: string; readonly posting: Posting }
  | { readonly kind: 'none' }

/** What a dispute about the payment of a grant does to it, and to it alone. Saying it twice changes nothing. */
export function decideDisputeEffect(
  account: CreditAccount,
  grant: CreditGrant,
  news: DisputeNews,
  cause: LedgerCause,
): DisputeEffect {
  switch (news) {
    case 'opened':
      return grant.isFrozen ? { kind: 'none' } : { kind: 'freeze', grantId: grant.id }
    case 'won':
      return grant.isFrozen ? { kind: 'unfreeze', grantId: grant.id } : { kind: 'none' }
    case 'lost': {
      const posting = decideVoid(account, grant.id, 'unburned', cause)
      return posting.entries.length === 0
        ? { kind: 'none' }
        : { kind: 'void', grantId: grant.id, posting }
    }
    default:
      return assertNever(news)
  }
}
