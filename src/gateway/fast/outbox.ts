const OUTBOX_BYTES = 262_144

/**
 * Answers that wait until their usage is recorded, one after another in the same memory. It is used again from the
 * beginning when none waits any more; when it is full before, what waits keeps the old memory alive.
 */
export class Outbox {
  #bytes = Buffer.allocUnsafeSlow(OUTBOX_BYTES)
  #used = 0
  #waiting = 0

  /** Makes room for an answer of at most `length` bytes. */
  reserve(length: number, answer: Answer): void {
    if (this.#used + length > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(OUTBOX_BYTES, length))
      this.#used = 0
      this.#waiting = 0
    }
    answer.bytes = this.#bytes
    answer.start = this.#used
    answer.end = this.#used
    this.#used += length
    this.#waiting++
  }

  /** The answer has left. */
  release(answer: Answer): void {
    if (answer.bytes === this.#bytes && --this.#waiting === 0) this.#used = 0
    answer.bytes = null
  }
}

/** An answer, or the end of one: the bytes from `start` to `end`. */
export class Answer {
  bytes: Buffer | null = null
  start = 0
  end = 0
}
