import type { ApiKeyDocument } from '../accounts/documents.ts'
import { html, type Html } from '../pages/html.ts'
import type { Answer } from '../wire/http.ts'
import { actionForm, type Done, entered, type Screen, type ScreenCall } from './call.ts'
import { labelled } from './controls.ts'
import { screen } from './shell.ts'
import { stateBadge } from './text.ts'

export const keyScreens: readonly Screen[] = [
  { method: 'GET', path: '/keys', show: showKeys },
  { method: 'POST', path: '/keys', act: issue },
  { method: 'POST', path: '/keys/revoke', act: revoke },
]

function showKeys(call: ScreenCall): Answer {
  const { accountId, isLive } = call.facts
  const keys = call.parts.directory
    .keys(accountId)
    .filter((key) => key.isLive === isLive)
    .toReversed()
  return screen(call, {
    title: 'Keys',
    body: html`<p class="soft">
        The key this account was opened with works without a record here. Keys made here can be
        restricted and revoked, as at Stripe.
      </p>
      ${keys.length === 0 ? html`<div class="empty"><p>No keys were made for this account yet.</p></div>` : keyTable(call, keys)}
      <div class="card">
        <h2>New key</h2>
        ${issueForm(call)}
      </div>`,
  })
}

function keyTable(call: ScreenCall, keys: readonly ApiKeyDocument[]): Html {
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Key</th>
          <th scope="col">May</th>
          <th scope="col" class="fit">Status</th>
          <th scope="col" class="fit"></th>
        </tr>
      </thead>
      <tbody>
        ${keys.map(
          ({ id, name, kind, permissions, revokedAt }) =>
            html`<tr>
              <td>${name}</td>
              <td><code class="whole">${id}</code></td>
              <td>
                ${kind === 'restricted' ? permissionText(permissions) : kind === 'secret' ? 'everything' : 'what browsers may'}
              </td>
              <td class="fit">${stateBadge(revokedAt === null ? 'active' : 'revoked')}</td>
              <td class="fit">
                ${
                  revokedAt === null
                    ? actionForm(
                        call,
                        '/keys/revoke',
                        html`<button class="plain" name="key" value="${id}">Revoke</button>`,
                      )
                    : ''
                }
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function permissionText(permissions: ApiKeyDocument['permissions']): Html {
  const granted = Object.entries(permissions)
  if (granted.length === 0) return html`<small>nothing</small>`
  const words = granted.map(([resource, level]) => `${level} ${resource}`)
  return html`<small>${words.join(', ')}</small>`
}

function issueForm(call: ScreenCall): Html {
  return actionForm(
    call,
    '/keys',
    html`${labelled('Name', html`<input type="text" name="name" placeholder="Invoice reader" required />`)}
      ${labelled(
        'Kind',
        html`<select name="kind">
          <option value="restricted">restricted, rk_…</option>
          <option value="secret">secret, sk_…</option>
          <option value="publishable">publishable, pk_…</option>
        </select>`,
      )}
      ${labelled(
        'Not named below',
        html`<select name="others">
          <option value="">nothing</option>
          <option value="read">read</option>
          <option value="write">write</option>
        </select>`,
      )}
      <details class="wide">
        <summary>Permissions of a restricted key</summary>
        <div class="permissions">
          ${call.parts.resources.map(
            (resource) =>
              html`<label>
                <code>${resource}</code>
                <select name="may_${resource}">
                  <option value="">–</option>
                  <option>none</option>
                  <option>read</option>
                  <option>write</option>
                </select>
              </label>`,
          )}
        </div>
      </details>
      <button>Create</button>`,
    'grid',
  )
}

async function issue(call: ScreenCall): Promise<Done> {
  const kind = entered(call, 'kind') ?? 'restricted'
  const others = entered(call, 'others')
  const permissions = Object.fromEntries(
    call.parts.resources.flatMap((resource) => {
      const level = entered(call, `may_${resource}`) ?? others
      return level === undefined || level === 'none' ? [] : [[resource, level]]
    }),
  )
  const made = (await call.parts.control(
    'POST',
    '/_sim/keys',
    { kind, name: entered(call, 'name') ?? '', ...(kind === 'restricted' ? { permissions } : {}) },
    [call.running],
  )) as { readonly key: string }
  return { text: html`The key is <code>${made.key}</code>` }
}

async function revoke(call: ScreenCall): Promise<Done> {
  const key = entered(call, 'key') ?? ''
  await call.parts.control('POST', '/_sim/keys/revoke', { key }, [call.running])
  return { text: 'The key opens nothing any more.' }
}
