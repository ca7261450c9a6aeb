import type { RunningRealm } from '../running-realm.ts'

/** Stripe waits this long for the answer to `checkout.session.completed` before it sends the customer back. */
const WEBHOOK_WAIT_MS = 10_000

/** Until everybody has been told what happened, or for as long as Stripe would wait for that. */
export async function whenWebhooksArrived({ dispatcher }: RunningRealm): Promise<void> {
  await Promise.race([dispatcher.whenIdle(), giveUp()])
}

function giveUp(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, WEBHOOK_WAIT_MS).unref()
  })
}
