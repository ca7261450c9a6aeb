import { client } from './api.ts'

interface PageOf<Row> {
  readonly data: readonly Row[]
  readonly nextCursor: string | null
}

/** A row that says by name which customer it is about. */
export type Named<Row> = Row & { readonly customerName: string }

const MAX_IDS = 100

/** Answers of the API name customers by id only; a list asks for all their names in one further question. */
export async function nameCustomers<Row extends { readonly customerId: string | null }>(
  page: PageOf<Row>,
  signal: AbortSignal,
): Promise<{ readonly data: Named<Row>[]; readonly nextCursor: string | null }> {
  const ids = [...new Set(page.data.flatMap(({ customerId }) => customerId ?? []))].slice(
    0,
    MAX_IDS,
  )
  const names = ids.length === 0 ? new Map<string, string>() : await namesOf(ids, signal)
  const nameOf = (id: string | null) => (id === null ? '' : (names.get(id) ?? id))
  return {
    data: page.data.map((row) => ({ ...row, customerName: nameOf(row.customerId) })),
    nextCursor: page.nextCursor,
  }
}

async function namesOf(ids: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  const query = { ids: ids.join(','), limit: MAX_IDS }
  const { data } = await client.get('/api/v1/customers', { query, signal })
  return new Map(data.map(({ id, name }) => [id, name]))
}
