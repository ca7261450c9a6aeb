import { html, type Html } from '../pages/html.ts'
import type { DeliveryAttempt, DeliveryDocument } from '../events/documents.ts'
import { link, type ScreenCall } from './call.ts'
import { showTime, stateBadge, statusBadge } from './text.ts'

/** What has failed and will be tried again is told apart from what has not been tried. */
export function stateOf({ state, attempts }: DeliveryDocument): string {
  return state === 'pending' && attempts.length > 0 ? 'retrying' : state
}

/** Deliveries with all their attempts, as they were answered. */
export function deliveryTable(
  call: ScreenCall,
  deliveries: readonly DeliveryDocument[],
  { withEvent }: { readonly withEvent: boolean },
): Html {
  const { tables } = call.running.realm
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          ${withEvent ? html`<th scope="col">Event</th>` : ''}
          <th scope="col">To</th>
          <th scope="col" class="fit">State</th>
          <th scope="col">Attempts</th>
        </tr>
      </thead>
      <tbody>
        ${deliveries.map(
          (delivery) =>
            html`<tr>
              ${
                withEvent
                  ? html`<td>
                      <a href="${eventPath(call, delivery)}"
                        >${tables[delivery.eventKind].get(delivery.event)?.type ?? delivery.event}</a
                      >
                    </td>`
                  : ''
              }
              <td>
                <code class="whole">${delivery.url}</code
                >${delivery.endpointKind === 'listener' ? html`<br /><small>through Stripe CLI</small>` : ''}
              </td>
              <td class="fit">
                ${stateBadge(stateOf(delivery))}
                ${delivery.nextAttemptAt !== null && delivery.attempts.length > 0 ? html`<br /><small>again at ${showTime(delivery.nextAttemptAt)}</small>` : ''}
              </td>
              <td>${attempts(delivery.attempts)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function eventPath(call: ScreenCall, { event, eventKind }: DeliveryDocument): string {
  return link(call, eventKind === 'event' ? `/events/${event}` : `/objects/${eventKind}/${event}`)
}

function attempts(made: readonly DeliveryAttempt[]): Html {
  if (made.length === 0) return html`<small>none yet</small>`
  return html`<ul class="timeline">
    ${made.map(
      ({ at, status, error, durationMs, answer }) =>
        html`<li>
          <span
            >${status === null ? html`<span class="badge ${error === null ? 'good' : 'bad'}">${error ?? 'acknowledged'}</span>` : statusBadge(status)}
            <small>${durationMs} ms</small></span
          >
          ${showTime(Date.parse(at) / 1_000)}
          ${
            answer === ''
              ? ''
              : html`<details>
                  <summary>Answer</summary>
                  <code class="whole">${answer}</code>
                </details>`
          }
        </li>`,
    )}
  </ul>`
}
