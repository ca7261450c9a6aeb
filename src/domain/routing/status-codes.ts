/** A set of HTTP statuses, one byte per status so that asking costs an array access. */
export type StatusCodes = Uint8Array

const LAST_STATUS = 599
const PART = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/

/** Reads `200-299`, `200-299,304`; undefined for anything else. */
export function parseStatusCodes(text: string): StatusCodes | undefined {
  const codes = new Uint8Array(LAST_STATUS + 1)
  for (const part of text.split(',')) {
    const match = PART.exec(part.trim())
    if (match === null) return undefined
    const first = Number(match[1])
    const last = Number(match[2] ?? match[1])
    if (last < first) return undefined
    codes.fill(1, first, last + 1)
  }
  return codes
}

export function includesStatus(codes: StatusCodes, status: number): boolean {
  return codes[status] === 1
}
