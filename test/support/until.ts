const STEP_MS = 25
const LIMIT_MS = 10_000

/** Looks again and again until what is seen is as wished; fails with what was seen last. */
export async function until<T>(look: () => Promise<T>, isThere: (seen: T) => boolean): Promise<T> {
  const deadline = Date.now() + LIMIT_MS
  for (;;) {
    const seen = await look()
    if (isThere(seen)) return seen
    if (Date.now() > deadline)
      throw new Error(`It did not happen; last seen: ${JSON.stringify(seen)}`)
    await new Promise((resolve) => setTimeout(resolve, STEP_MS))
  }
}
