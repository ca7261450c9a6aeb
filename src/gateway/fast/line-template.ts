const ZERO = 48
const MAX_NUMBERS = 64

/**
 * Header lines in which only numbers change: bytes with gaps of the width the numbers have now, in which only the digits
 * that change are written. A number of another width makes the bytes be built anew.
 */
export class LineTemplate {
  bytes: Buffer = Buffer.alloc(0)
  readonly #texts: readonly string[]
  readonly #ends = new Int32Array(MAX_NUMBERS)
  /** What stands in the gaps. */
  readonly #numbers = new Float64Array(MAX_NUMBERS)
  /** Numbers from `least` on and below `beyond` are as wide as their gap. */
  readonly #least = new Float64Array(MAX_NUMBERS)
  readonly #beyond = new Float64Array(MAX_NUMBERS)

  /** The texts around the numbers: one more than there are numbers. */
  constructor(texts: readonly string[]) {
    this.#texts = texts
  }

  set(numbers: Float64Array): void {
    const count = this.#texts.length - 1
    for (let i = 0; i < count; i++) {
      const number = numbers[i] as number
      if (number === this.#numbers[i] || this.#write(i, number)) continue
      this.#build(numbers)
      return
    }
    if (this.bytes.length === 0) this.#build(numbers)
  }

  /** False when the number is not one of as many digits as its gap is wide. */
  #write(index: number, number: number): boolean {
    const fits =
      number >= (this.#least[index] as number) && number < (this.#beyond[index] as number)
    if (!fits || !Number.isInteger(number)) return false
    let rest = number
    let known = this.#numbers[index] as number
    let at = this.#ends[index] as number
    while (rest !== known) {
      const tenth = Math.floor(rest / 10)
      this.bytes[--at] = ZERO + rest - tenth * 10
      rest = tenth
      known = Math.floor(known / 10)
    }
    this.#numbers[index] = number
    return true
  }

  #build(numbers: Float64Array): void {
    let text = this.#texts[0] ?? ''
    for (let i = 0; i < this.#texts.length - 1; i++) {
      const number = numbers[i] as number
      const digits = String(number)
      const isWhole = /^\d+$/.test(digits)
      text += digits
      this.#numbers[i] = number
      // What is no whole number is written anew each time it changes.
      this.#least[i] = isWhole && number > 0 ? 10 ** (digits.length - 1) : 0
      this.#beyond[i] = isWhole ? 10 ** digits.length : 0
      this.#ends[i] = text.length
      text += this.#texts[i + 1] ?? ''
    }
    this.bytes = Buffer.from(text, 'latin1')
  }
}
