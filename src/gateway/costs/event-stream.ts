const LONGEST_LINE = 1024 * 1024
const LF = 10
const CR = 13

/** Reads a text/event-stream as it passes: what stands in the data of each event. */
export class EventStream {
  readonly #onEvent: (data: string) => void
  #rest: Buffer | null = null
  #data: string[] = []
  #dataLength = 0
  #isSkipping = false

  constructor(onEvent: (data: string) => void) {
    this.#onEvent = onEvent
  }

  read(chunk: Buffer): void {
    let from = 0
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      this.#line(chunk.subarray(from, at))
      from = at + 1
    }
    const rest = chunk.subarray(from)
    this.#rest = this.#rest === null ? Buffer.from(rest) : Buffer.concat([this.#rest, rest])
    // A line nobody could want to read must not fill the memory.
    if (this.#rest.length > LONGEST_LINE) {
      this.#rest = null
      this.#isSkipping = true
    }
  }

  #line(part: Buffer): void {
    const bytes = this.#rest === null ? part : Buffer.concat([this.#rest, part])
    this.#rest = null
    if (this.#isSkipping) {
      this.#isSkipping = false
      return
    }
    const end = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length
    const line = bytes.toString('utf8', 0, end)
    if (line === '') {
      if (this.#data.length > 0) this.#onEvent(this.#data.join('\n'))
      this.#data = []
      this.#dataLength = 0
    } else if (line.startsWith('data:')) this.#add(line.slice(5).trimStart())
  }

  /** An event without an end must not fill the memory either: it still counts as one. */
  #add(data: string): void {
    this.#dataLength += data.length + 1
    if (this.#dataLength > LONGEST_LINE) this.#data = ['']
    else this.#data.push(data)
  }
}
