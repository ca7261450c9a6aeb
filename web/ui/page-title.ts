/** A route's `head`: the tab's title, from the particular to the general: "Invoices – Acme – Farebox". */
export function titled(...parts: readonly (string | null | undefined)[]): {
  readonly meta: { readonly title: string }[]
} {
  return { meta: [{ title: parts.filter(Boolean).join(' – ') }] }
}
