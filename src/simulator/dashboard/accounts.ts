import { html, type Html } from '../pages/html.ts'
import { redirect } from '../pages/layout.ts'
import { StripeError } from '../wire/errors.ts'
import type { Answer } from '../wire/http.ts'
import { readKey } from '../wire/authenticate.ts'
import { type DashboardParts, homeOf, type Notice } from './call.ts'
import { labelled } from './controls.ts'
import { connectHelp } from './connect.ts'
import { frame, modeBadge } from './shell.ts'

/** All accounts. With one there is nothing to choose. */
export function showAccounts(
  parts: DashboardParts,
  { seal, notice }: { readonly seal: Html; readonly notice?: Notice | undefined },
): Answer {
  const realms = parts.directory.realms()
  return frame('Accounts', {
    notice,
    body: html`<h1>Accounts</h1>
      ${
        realms.length === 0
          ? html`<div class="empty">
              <p>No account yet.</p>
              <p>The first call with a key opens one, and so does the form below.</p>
            </div>`
          : html`<div class="table">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Account</th>
                    <th scope="col" class="fit">Mode</th>
                    <th scope="col" class="fit number">Customers</th>
                    <th scope="col" class="fit number">Subscriptions</th>
                    <th scope="col" class="fit number">Events</th>
                  </tr>
                </thead>
                <tbody>
                  ${realms.map(
                    ({ facts, tables }) =>
                      html`<tr>
                        <td>
                          <a href="${homeOf(facts)}"
                            >${tables.settings.get('settings')?.businessName ?? ''}
                            <code>${facts.accountId}</code></a
                          >
                        </td>
                        <td class="fit">${modeBadge(facts.isLive)}</td>
                        <td class="fit number">${tables.customer.size}</td>
                        <td class="fit number">${tables.subscription.size}</td>
                        <td class="fit number">${tables.event.size}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
      }
      <div class="card">
        <h2>Open the account of a key</h2>
        <form method="post" action="/accounts" class="action">
          ${seal}
          ${labelled(
            'Secret or restricted key',
            html`<input
              type="text"
              name="key"
              placeholder="sk_test_farebox"
              required
              autocomplete="off"
            />`,
          )}
          <button>Open</button>
        </form>
      </div>
      ${connectHelp(parts.url)}`,
  })
}

/** Goes to the account a key opens; a fresh `sk_…` key opens a new one, as its first call would. */
export function openAccount(parts: DashboardParts, form: URLSearchParams): Answer | Notice {
  const key = form.get('key')?.trim() ?? ''
  try {
    const presented = readKey({
      method: 'GET',
      path: '/accounts',
      query: '',
      body: Buffer.alloc(0),
      headers: { authorization: `Bearer ${key}` },
    })
    return redirect(homeOf(parts.directory.authenticate(presented).realm.facts))
  } catch (error) {
    if (error instanceof StripeError) return { kind: 'bad', text: error.body.message }
    throw error
  }
}
