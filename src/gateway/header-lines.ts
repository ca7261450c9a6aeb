const FIRST_BYTES = 512

/** Header lines as bytes: written when they are known, copied when they are sent, and no text in between. */
export class HeaderLines {
  /** The lines are its first `length` bytes. */
  bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES)
  length = 0

  add(lines: Uint8Array): void {
    this.#reserve(lines.length)
    this.bytes.set(lines, this.length)
    this.length += lines.length
  }

  /** Of Latin-1, as header lines are. */
  addText(text: string): void {
    this.#reserve(text.length)
    this.length += this.bytes.write(text, this.length, 'latin1')
  }

  copyTo(target: Buffer, at: number): number {
    return at + this.bytes.copy(target, at, 0, this.length)
  }

  toString(): string {
    return this.bytes.toString('latin1', 0, this.length)
  }

  #reserve(more: number): void {
    const needed = this.length + more
    if (needed <= this.bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.bytes.length))
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }
}
