import { html, type Html } from './html.ts'

type Tone = 'good' | 'bad' | 'warn' | 'quiet'

/** States of invoices, subscriptions and payments in a word and a color. */
const STATES: Readonly<Record<string, readonly [text: string, tone: Tone]>> = {
  active: ['Active', 'good'],
  canceled: ['Canceled', 'quiet'],
  ending: ['Ends soon', 'warn'],
  incomplete: ['Incomplete', 'warn'],
  incomplete_expired: ['Expired', 'quiet'],
  open: ['Open', 'quiet'],
  paid: ['Paid', 'good'],
  past_due: ['Past due', 'bad'],
  paused: ['Paused', 'warn'],
  refunded: ['Refunded', 'quiet'],
  trialing: ['Free trial', 'good'],
  uncollectible: ['Uncollectible', 'bad'],
  unpaid: ['Unpaid', 'bad'],
  void: ['Void', 'quiet'],
}

export function statusBadge(status: string): Html {
  const [text, tone] = STATES[status] ?? [status, 'quiet']
  return html`<span class="badge ${tone}" data-testid="status">${text}</span>`
}
