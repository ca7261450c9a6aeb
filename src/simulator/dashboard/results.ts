import { ControlError } from '../control/answers.ts'
import type { OwnAnswer } from '../own-calls.ts'

/** What a call of the API answered; its refusal becomes what the page says. */
export function requireAnswer({ status, body }: OwnAnswer): OwnAnswer['body'] {
  if (status < 400) return body
  const { error } = body as { readonly error?: { readonly message?: string } }
  throw new ControlError(status, error?.message ?? `The API answered ${status}.`)
}
