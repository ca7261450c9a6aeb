/**
 * A combination of a meter's dimension values as one text: JSON with sorted keys, so that the same combination is the
 * same text everywhere; empty when the meter has no dimensions.
 */
export function formatDimension(values: Readonly<Record<string, string>>): string {
  const entries = Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return entries.length === 0 ? '' : JSON.stringify(Object.fromEntries(entries))
}

export function parseDimension(text: string): Readonly<Record<string, string>> {
  return text === '' ? {} : (JSON.parse(text) as Record<string, string>)
}

/** Only the named ones; a missing one is empty text. */
export function pickDimensions(
  values: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? '']))
}
