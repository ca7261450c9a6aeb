import type { KeptAnswer } from './replay-store.ts'

/** Larger answers are passed on and not kept. */
const LARGEST_KEPT = 1024 * 1024

/** An answer that is kept while it passes. */
export class KeptParts {
  #status = 0
  #reason = ''
  #fields: readonly string[] = []
  #body: Buffer[] | null = []
  #bytes = 0

  head(status: number, reason: string, fields: readonly string[]): void {
    this.#status = status
    this.#reason = reason
    this.#fields = fields
  }

  data(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > LARGEST_KEPT) this.#body = null
    else this.#body?.push(Buffer.from(chunk))
  }

  /** An upstream that failed is asked again when the call is repeated. */
  hadEffect(): boolean {
    return this.#status >= 200 && this.#status < 500
  }

  answer(): KeptAnswer {
    return {
      status: this.#status,
      reason: this.#reason,
      fields: this.#fields,
      body: this.#body === null ? null : Buffer.concat(this.#body).toString('base64'),
    }
  }
}
