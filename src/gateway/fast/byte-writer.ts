const SLAB_BYTES = 65_536

/**
 * Puts messages together from bytes and short texts, without strings in between. What it hands out is a piece of a large
 * slab that is never written again; a slab is forgotten when it is full.
 */
export class ByteWriter {
  #slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
  #start = 0
  #at = 0

  /** Begins a message of at most so many bytes. */
  begin(mostBytes: number): void {
    if (this.#slab.length - this.#at < mostBytes) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, mostBytes))
      this.#at = 0
    }
    this.#start = this.#at
  }

  /** Of characters below 256. */
  text(text: string): void {
    this.#at += this.#slab.latin1Write(text, this.#at)
  }

  copy(bytes: Buffer, start: number, end: number): void {
    this.#at += bytes.copy(this.#slab, this.#at, start, end)
  }

  take(): Buffer {
    return this.#slab.subarray(this.#start, this.#at)
  }
}

// Buffer's own latin1Write is there in every Node, faster than `write` with an encoding, and missing in its types.
declare global {
  interface Buffer {
    latin1Write(text: string, offset?: number, length?: number): number
    latin1Slice(start?: number, end?: number): string
  }
}
