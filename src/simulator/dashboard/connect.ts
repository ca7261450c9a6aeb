import { html, type Html } from '../pages/html.ts'

const KEY = 'sk_test_farebox'

/** How programs reach the simulator. */
export function connectHelp(url: string, key = KEY): Html {
  const { hostname, port } = new URL(url)
  return html`<div class="card">
    <h2>Point something at it</h2>
    <dl class="facts">
      <dt>curl</dt>
      <dd><code>curl ${url}/v1/customers -u ${key}: -d email=ada@example.com</code></dd>
      <dt>Node</dt>
      <dd>
        <code>new Stripe('${key}', { host: '${hostname}', port: ${port}, protocol: 'http' })</code>
      </dd>
      <dt>Python</dt>
      <dd><code>stripe.StripeClient('${key}', base_addresses={'api': '${url}'})</code></dd>
      <dt>Stripe CLI</dt>
      <dd>
        <code>stripe listen --api-base ${url} --api-key ${key} --forward-to localhost:3000</code>
      </dd>
    </dl>
    <p class="soft">
      Any <code>sk_test_…</code> key opens an account of its own when it is first used.
    </p>
  </div>`
}
