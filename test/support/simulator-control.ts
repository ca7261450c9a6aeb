/** What only the control API of the simulated Stripe can do: what banks and bad networks do. */

interface Simulated {
  readonly simulatorUrl: string
}

export async function control(
  { simulatorUrl }: Simulated,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const response = await fetch(`${simulatorUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path}: ${text}`)
  return JSON.parse(text)
}

/** The next calls that match go wrong. */
export async function arrangeCallFault(
  simulated: Simulated,
  fault: {
    readonly kind: string
    readonly method?: string
    readonly path?: string
    readonly next?: number
  },
): Promise<void> {
  await control(simulated, '/_sim/faults/calls', fault)
}
