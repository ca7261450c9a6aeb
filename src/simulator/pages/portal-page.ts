import type { Answer } from '../wire/http.ts'
import { html } from './html.ts'
import { businessName } from './layout.ts'
import type { Page } from './pages.ts'
import { finishCard, portalCardPages } from './portal-cards.ts'
import { portalDetailPages } from './portal-details.ts'
import { frame, home, notOffered, type Portal, portalPage } from './portal-frame.ts'
import { showHome } from './portal-home.ts'
import { portalSubscriptionPages } from './portal-subscription.ts'
import { finishChange, portalUpdatePages } from './portal-update.ts'

/** Where customers look after their billing themselves. */
export const portalPages: readonly Page[] = [
  portalPage({ method: 'GET', path: '', show: showHome }),
  portalPage({ method: 'GET', path: '/confirmation', show: confirmation }),
  portalPage({ method: 'GET', path: '/finish/card', show: finishCard }),
  portalPage({ method: 'GET', path: '/finish/change', show: finishChange }),
  ...portalCardPages,
  ...portalDetailPages,
  ...portalSubscriptionPages,
  ...portalUpdatePages,
]

/** The end of a flow whose merchant wants no redirect. */
function confirmation(portal: Portal): Answer {
  const { session, tx } = portal
  const after = session.flow?.after_completion
  if (after?.type !== 'hosted_confirmation' || !session.inner.isFlowDone) return notOffered(portal)
  const text = after.hosted_confirmation?.custom_message
  return frame(portal, {
    title: 'Done',
    body: html`<div class="card center">
      <span class="seal good" aria-hidden="true">✓</span>
      <h1>Done</h1>
      <p class="soft">${text ?? 'Your change was saved.'}</p>
      <p class="actions">
        ${session.return_url === null ? '' : html`<a class="button" href="${session.return_url}">Return to ${businessName(tx)}</a>`}
        <a class="button plain" href="${home(portal)}">View billing</a>
      </p>
    </div>`,
  })
}
