import type { Runner } from './clocks/runner.ts'
import type { CallFaults } from './control/call-faults.ts'
import type { RequestLog } from './control/request-log.ts'
import type { WebhookFaults } from './control/webhook-faults.ts'
import type { Dispatcher } from './events/dispatcher.ts'
import type { MeterQueue } from './meters/queue.ts'
import type { Listeners } from './stripe-cli/listeners.ts'
import type { Realm } from './store/realm.ts'

/** A realm with what works for it in the background, and what goes wrong in it on purpose. */
export interface RunningRealm {
  readonly realm: Realm
  readonly runner: Runner
  readonly dispatcher: Dispatcher
  readonly meters: MeterQueue
  readonly listeners: Listeners
  readonly callFaults: CallFaults
  readonly webhookFaults: WebhookFaults
  readonly requests: RequestLog
  newRequestId(): string
  /** As on its first day. With a seed, ids follow from that from now on. */
  reset(seed?: string): void
  close(): void
}
