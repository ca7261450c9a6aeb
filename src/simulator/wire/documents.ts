/** The first result of a request with an idempotency key, to be given again for the same request. */
export interface IdempotencyRecord {
  readonly id: string
  readonly fingerprint: string
  readonly status: number
  readonly body: string
  readonly requestId: string
  /** The realm's time; the record is forgotten after its lifetime. */
  readonly createdAt: number
}
