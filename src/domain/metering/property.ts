/**
 * The text of a property such as `usage.total_tokens`, or `$.usage.total_tokens` as others write it. Numbers stand as they
 * do in decimals, never in powers of ten. Undefined: it is not there, or is neither text, number nor boolean.
 */
export function propertyText(value: unknown, path: string): string | undefined {
  const found = path
    .replace(/^\$\.?/, '')
    .split('.')
    .reduce<unknown>(
      (within, name) =>
        typeof within === 'object' && within !== null && Object.hasOwn(within, name)
          ? (within as Record<string, unknown>)[name]
          : undefined,
      value,
    )
  if (typeof found === 'string' || typeof found === 'boolean') return String(found)
  if (typeof found !== 'number' || !Number.isFinite(found)) return undefined
  return /e/i.test(String(found)) ? found.toFixed(12).replace(/\.?0+$/, '') : String(found)
}
