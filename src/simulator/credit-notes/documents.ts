import type { CreditNote, CreditNoteLineItem } from '../stripe.generated.ts'

export type CreditNoteDocument = Omit<CreditNote, 'lines'> & {
  readonly inner: { readonly lines: readonly CreditNoteLineItem[] }
}
