/** Marks a branch the types already exclude; adding a union member turns the call into a type error. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${String(value)}`)
}

/** Stops the current request, not the process, when something the code relies on is not true. */
export function invariant(condition: unknown, why: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${why}`)
}
