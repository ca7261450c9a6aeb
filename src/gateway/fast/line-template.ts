const ZERO = 48
const MAX_NUMBERS = 64

/**
 * Header lines in which only numbers change: bytes with gaps of the width the numbers have now. A number of another
 * width makes the bytes be built anew, which happens when a count gains or loses a digit.
 */
export class LineTemplate {
  bytes: Buffer = Buffer.alloc(0)
  readonly #texts: readonly string[]
  readonly #ends = new Int32Array(MAX_NUMBERS)
  readonly #widths = new Int32Array(MAX_NUMBERS)

  /** The texts around the numbers: one more than there are numbers. */
  constructor(texts: readonly string[]) {
    this.#texts = texts
  }

  set(numbers: Float64Array): void {
    const count = this.#texts.length - 1
    for (let i = 0; i < count; i++) {
      if (this.#write(i, numbers[i] as number)) continue
      this.#build(numbers)
      return
    }
    if (count === 0 && this.bytes.length === 0) this.#build(numbers)
  }

  /** False when the number is not one of as many digits as its gap is wide. */
  #write(index: number, number: number): boolean {
    const width = this.#widths[index] as number
    if (width === 0 || !Number.isInteger(number) || number < 0) return false
    let rest = number
    let at = this.#ends[index] as number
    for (let i = 0; i < width; i++) {
      const tenth = Math.floor(rest / 10)
      this.bytes[--at] = ZERO + rest - tenth * 10
      rest = tenth
      if (rest === 0) return i === width - 1
    }
    return false
  }

  #build(numbers: Float64Array): void {
    let text = this.#texts[0] ?? ''
    for (let i = 0; i < this.#texts.length - 1; i++) {
      const number = numbers[i] as number
      const digits = String(number)
      text += digits
      // What is no whole number has no width: it is written anew each time.
      this.#widths[i] = /^\d+$/.test(digits) ? digits.length : 0
      this.#ends[i] = text.length
      text += this.#texts[i + 1] ?? ''
    }
    this.bytes = Buffer.from(text, 'latin1')
  }
}
