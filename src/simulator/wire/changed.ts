/** An update keeps what a request does not mention; null is a value and unsets. */
export function changed<T>(given: T | undefined, current: T): T {
  return given === undefined ? current : given
}

/** Not mentioned, or unset by ''. */
export function isUnset(value: unknown): value is null | undefined {
  return value === null || value === undefined
}
