import { html, type Html } from '../pages/html.ts'
import { DECLINES } from '../payments/declines.ts'

/** Which way a payment fails. */
export function declineField(): Html {
  return html`<select name="code" aria-label="Reason">
    ${Object.keys(DECLINES).map(
      (code) =>
        html`<option value="${code}" ${{ html: code === 'generic_decline' ? 'selected' : '' }}>
          ${code}
        </option>`,
    )}
  </select>`
}
