import { createRunner } from './clocks/runner.ts'
import { createCallFaults } from './control/call-faults.ts'
import { createRequestLog } from './control/request-log.ts'
import { createWebhookFaults } from './control/webhook-faults.ts'
import { createDispatcher } from './events/dispatcher.ts'
import { createEndpoint } from './events/webhook-endpoints.ts'
import { planHousekeeping } from './housekeeping.ts'
import { jobHandlers } from './jobs.ts'
import { createMeterQueue } from './meters/queue.ts'
import type { SimulatorOptions } from './options.ts'
import type { RunningRealm } from './running-realm.ts'
import { deriveToken } from './store/ids.ts'
import type { Realm } from './store/realm.ts'
import { createListeners } from './stripe-cli/listeners.ts'
import type { Transaction } from './store/transaction.ts'

interface RealmStart {
  readonly options: SimulatorOptions
  readonly seed: string
  readonly report: (error: unknown) => void
}

/** Puts a realm to work: its clock, its webhooks, its meters. */
export function startRealm(realm: Realm, start: RealmStart): RunningRealm {
  const { report } = start
  let { seed } = start
  let requests = 0
  prepare(realm, start)
  const runner = createRunner(realm, jobHandlers, report)
  const webhookFaults = createWebhookFaults(`${seed}:${realm.id}`, () => dispatcher.wake())
  const listeners = createListeners(realm)
  const dispatcher = createDispatcher(realm, webhookFaults, listeners)
  const meters = createMeterQueue(realm)
  const callFaults = createCallFaults()
  const log = createRequestLog()
  return {
    realm,
    runner,
    dispatcher,
    meters,
    listeners,
    callFaults,
    webhookFaults,
    requests: log,
    newRequestId() {
      requests += 1
      const lives = realm.tables.sequence.get('lives')?.value ?? 0
      return `req_${deriveToken(`${seed}:${realm.id}:${lives}:${requests}`, 14)}`
    },
    reset(newSeed = seed) {
      seed = newSeed
      requests = 0
      realm.replaceAll([], newSeed)
      callFaults.clear()
      webhookFaults.clear()
      log.clear()
      prepare(realm, { ...start, seed })
    },
    close() {
      runner.close()
      dispatcher.close()
      meters.close()
    },
  }
}

/** What every account begins with. */
function prepare(realm: Realm, { options, seed }: RealmStart): void {
  realm.transact((tx) => {
    // Counts the lives of a stored account, so that request ids differ from those of the last one.
    const lives = tx.find('sequence', 'lives')?.value ?? 0
    if (lives === 0) tx.insert('sequence', { id: 'lives', value: 1 })
    else tx.update('sequence', 'lives', { value: lives + 1 })
    if (lives === 0) {
      planHousekeeping(tx)
      if (options.settings !== undefined) {
        tx.insert('settings', { id: 'settings', ...options.settings })
      }
    }
    addGivenEndpoint(tx, options, seed)
  })
}

/** The endpoint of the command line; a stored account has it already, unless another was given then. */
function addGivenEndpoint(tx: Transaction, options: SimulatorOptions, seed: string): void {
  const { webhookEndpoint: url, webhookSecret } = options
  if (url === undefined) return
  for (const known of tx.oldestFirst('webhook_endpoint')) if (known.url === url) return
  createEndpoint(tx, {
    url,
    enabledEvents: ['*'],
    apiVersion: null,
    description: 'Made when the simulator was started',
    metadata: {},
    secret: webhookSecret ?? `whsec_${deriveToken(`webhooks:${seed}`, 32)}`,
  })
}
