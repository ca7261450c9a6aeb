import { html } from '../pages/html.ts'
import type { Answer } from '../wire/http.ts'
import { link, type ScreenCall } from './call.ts'
import { screen } from './shell.ts'

export function unknownScreen(call: ScreenCall): Answer {
  return screen(call, {
    title: 'Not found',
    status: 404,
    body: html`<div class="empty">
      <p>There is nothing at this address, or the account was reset since.</p>
      <p><a href="${link(call, '')}">To the overview</a></p>
    </div>`,
  })
}
