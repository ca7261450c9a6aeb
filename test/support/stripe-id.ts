/** The id of an object of Stripe's, which may stand there itself. */
export function idOf(reference: string | { readonly id: string } | null | undefined): string {
  if (reference === null || reference === undefined) throw new Error('There is no object')
  return typeof reference === 'string' ? reference : reference.id
}
