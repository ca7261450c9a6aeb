interface ListFilters {
  readonly isFiltered: boolean
  /** Sets these, or takes them out; the cursor goes with them, because it belongs to another listing. */
  readonly filter: (patch: Readonly<Record<string, string | undefined>>) => void
  readonly clear: () => void
}

/** The filters of a listing: its search parameters without the cursor. `show` puts others into the URL. */
export function listFilters<Search extends { readonly cursor?: string | undefined }>(
  search: Search,
  show: (filters: Partial<Omit<Search, 'cursor'>>) => void,
): ListFilters {
  const { cursor: _, ...filters } = search
  return {
    isFiltered: Object.keys(filters).length > 0,
    filter: (patch) => show({ ...filters, ...patch }),
    clear: () => show({}),
  }
}
