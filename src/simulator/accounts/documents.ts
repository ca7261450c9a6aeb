/** A key made on the dashboard or by the control API. Keys that merely follow the pattern `sk_test_…` need no record. */
export interface ApiKeyDocument {
  /** The key itself: a simulator's keys guard nothing. */
  readonly id: string
  readonly accountId: string
  readonly isLive: boolean
  readonly kind: 'secret' | 'restricted' | 'publishable'
  readonly name: string
  /** Of restricted keys: resource → what it may do there. */
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>
  readonly createdAt: string
  readonly revokedAt: string | null
}
