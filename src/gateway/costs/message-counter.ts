const CONTROL = 0x08
const FINAL = 0x80
const MASKED = 0x80
const LONGEST_HEAD = 14

/** Counts the messages of one direction of a WebSocket (RFC 6455) by the heads of their frames. */
export class MessageCounter {
  readonly #head = Buffer.alloc(LONGEST_HEAD)
  #headLength = 0
  /** Bytes of the current frame's payload still to come. */
  #missing = 0
  #count = 0

  read(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      const skipped = Math.min(this.#missing, chunk.length - at)
      at += skipped
      this.#missing -= skipped
      if (at === chunk.length) return
      this.#head[this.#headLength++] = chunk[at++] ?? 0
      if (this.#headLength === this.#headSize()) this.#endHead()
    }
  }

  /** Takes what was counted. */
  take(): number {
    const count = this.#count
    this.#count = 0
    return count
  }

  #headSize(): number {
    if (this.#headLength < 2) return 2
    const second = this.#head[1] ?? 0
    const length = second & 0x7f
    const extended = length === 126 ? 2 : length === 127 ? 8 : 0
    return 2 + extended + ((second & MASKED) === 0 ? 0 : 4)
  }

  #endHead(): void {
    const [first = 0, second = 0] = this.#head
    const length = second & 0x7f
    if (length === 126) this.#missing = this.#head.readUInt16BE(2)
    else if (length === 127) this.#missing = Number(this.#head.readBigUInt64BE(2))
    else this.#missing = length
    this.#headLength = 0
    // The last frame of a message; pings, pongs and closes are none.
    if ((first & FINAL) !== 0 && (first & CONTROL) === 0) this.#count++
  }
}
