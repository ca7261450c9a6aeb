/**
 * Reads search parameters, which anyone can type. What is not understood is left out, never an error: a stale link
 * still opens its page.
 */
export type Search = Readonly<Record<string, unknown>>

export function textParam(search: Search, name: string): string | undefined {
  const value = search[name]
  return typeof value === 'string' && value !== '' ? value.slice(0, 500) : undefined
}

export function choiceParam<const Choice extends string>(
  search: Search,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  return choices.find((choice) => choice === search[name])
}

/** An address inside the app to return to; one that leads elsewhere is somebody's trick. */
export function returnParam(search: Search, name: string): string | undefined {
  const value = textParam(search, name)
  return value !== undefined && /^\/(?![/\\])/.test(value) ? value : undefined
}

/** Drops what is undefined, so that it leaves the address too. */
export function compact<Values extends Search>(
  values: Values,
): { [Name in keyof Values]?: NonNullable<Values[Name]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Values]?: NonNullable<Values[Name]>
  }
}
