const ZERO = 48

/** What is remembered of each number, in `#cells`: where its gap ends, */
const END = 0
/** what stands there, */
const SHOWN = 1
/** and that numbers from `LEAST` on and below `BEYOND` are as wide as the gap. */
const LEAST = 2
const BEYOND = 3
const CELLS = 4

/**
 * Header lines in which only numbers change: bytes with gaps of the width the numbers have now, in which only the digits
 * that change are written. A number of another width makes the bytes be built anew.
 */
export class LineTemplate {
  bytes: Buffer = Buffer.alloc(0)
  readonly #texts: readonly string[]
  /** An ordinary array: typed ones of this size keep memory outside of the heap, for each of many keys. */
  readonly #cells: number[] = []

  /** The texts around the numbers: one more than there are numbers. */
  constructor(texts: readonly string[]) {
    this.#texts = texts
    for (let i = 0; i < CELLS * (texts.length - 1); i++) this.#cells.push(Number.NaN)
  }

  set(numbers: Float64Array): void {
    const count = this.#texts.length - 1
    for (let i = 0; i < count; i++) {
      const number = numbers[i] as number
      if (number === this.#cells[CELLS * i + SHOWN] || this.#write(CELLS * i, number)) continue
      this.#build(numbers)
      return
    }
    if (this.bytes.length === 0) this.#build(numbers)
  }

  /** False when the number is not one of as many digits as its gap is wide. */
  #write(cell: number, number: number): boolean {
    const cells = this.#cells
    const fits =
      number >= (cells[cell + LEAST] as number) && number < (cells[cell + BEYOND] as number)
    if (!fits || !Number.isInteger(number)) return false
    let rest = number
    let known = cells[cell + SHOWN] as number
    let at = cells[cell + END] as number
    while (rest !== known) {
      const tenth = Math.floor(rest / 10)
      this.bytes[--at] = ZERO + rest - tenth * 10
      rest = tenth
      known = Math.floor(known / 10)
    }
    cells[cell + SHOWN] = number
    return true
  }

  #build(numbers: Float64Array): void {
    let text = this.#texts[0] ?? ''
    for (let i = 0; i < this.#texts.length - 1; i++) {
      const number = numbers[i] as number
      const digits = String(number)
      const isWhole = /^\d+$/.test(digits)
      text += digits
      const cell = CELLS * i
      this.#cells[cell + END] = text.length
      this.#cells[cell + SHOWN] = number
      // What is no whole number is written anew each time it changes.
      this.#cells[cell + LEAST] = isWhole && number > 0 ? 10 ** (digits.length - 1) : 0
      this.#cells[cell + BEYOND] = isWhole ? 10 ** digits.length : 0
      text += this.#texts[i + 1] ?? ''
    }
    this.bytes = Buffer.from(text, 'latin1')
  }
}
