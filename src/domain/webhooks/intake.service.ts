import { AppError } from '../../errors.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import { STRIPE_VERSION, type StripeEvent, verifyWebhook } from '../../stripe/events.ts'
import type { Connections } from '../connections/service.ts'
import type { Findings } from '../findings/service.ts'
import type { InboxEvent } from './inbox-event.ts'
import * as store from './store.ts'

/** Who works on events hears on this channel that there are some. */
export const INBOX_CHANNEL = 'farebox_inbox'

const MAX_BATCH = 200
const MAX_TOLD = 100
/** How long the rest of a burst is waited for before it is told of. */
const SILENCE_MS = 100

interface IntakeDeps {
  readonly database: Database
  readonly connections: Connections
  readonly findings: Findings
  readonly clock: Clock
  readonly log: Log
  /** Types without a route are stored and never looked at. */
  readonly hasRoute: (type: string) => boolean
}

export type Intake = ReturnType<typeof createIntake>

interface Waiting {
  readonly event: store.NewEvent
  readonly resolve: (isNew: boolean) => void
  readonly reject: (error: unknown) => void
}

/** Takes events in: verified, stored, answered. Those that arrive while others are being stored share one statement. */
export function createIntake(deps: IntakeDeps) {
  const { database, connections, findings, clock, log, hasRoute } = deps

  let waiting: Waiting[] = []
  let isWriting = false
  let silence: NodeJS.Timeout | undefined
  let isUntold = false
  const toldVersions = new Set<string>()

  /** Stores an event; answers whether it was not there yet. */
  async function keep(event: StripeEvent, source: InboxEvent['source']): Promise<boolean> {
    const account = await connections.boundAccount(event.mode)
    const isWanted = hasRoute(event.type)
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    waiting.push({ event: { ...event, account, source, isWanted }, resolve, reject })
    if (!isWriting) void writeAll()
    return promise
  }

  async function writeAll(): Promise<void> {
    isWriting = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH)
      waiting = waiting.slice(MAX_BATCH)
      try {
        const isNew = await write(batch.map(({ event }) => event))
        for (const { event, resolve } of batch) resolve(isNew.delete(`${event.mode} ${event.id}`))
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    isWriting = false
  }

  /** Answers which of them were not there yet. */
  async function write(events: readonly store.NewEvent[]): Promise<Set<string>> {
    const isNew = await store.insert(database.db, events, clock.now())
    if (isNew.size > 0) tell()
    return isNew
  }

  /** At once after a silence, then together: a burst wakes whoever applies it once or twice, not with every event. */
  function tell(): void {
    if (silence !== undefined) {
      isUntold = true
      return
    }
    silence = setTimeout(() => {
      silence = undefined
      if (isUntold) tell()
    }, SILENCE_MS)
    silence.unref()
    isUntold = false
    // One that is lost is made up for: who applies looks by itself as well.
    database
      .publish(database.db, INBOX_CHANNEL, '')
      .catch((error: unknown) => log.warn('inbox.not_told', { error }))
  }

  /** An endpoint keeps the version it was made with, whatever we ask for; its events may name their objects elsewhere. */
  async function checkVersion({ mode, apiVersion }: StripeEvent): Promise<void> {
    const subject = `${mode} ${apiVersion}`
    if (apiVersion === null || apiVersion === STRIPE_VERSION || toldVersions.has(subject)) return
    toldVersions.add(subject)
    if (toldVersions.size > MAX_TOLD) toldVersions.clear()
    log.warn('webhook.api_version', { mode, apiVersion, expected: STRIPE_VERSION })
    await findings.report(database.db, {
      mode,
      category: 'configuration',
      subjectKind: 'webhook_endpoint',
      subjectId: apiVersion,
      customerId: null,
      summary: `A webhook endpoint in Stripe sends events of the version ${apiVersion}. Make it anew with ${STRIPE_VERSION}.`,
      ours: { apiVersion: STRIPE_VERSION },
      theirs: { apiVersion },
      dedupeKey: `webhook-version:${apiVersion}`,
    })
  }

  return {
    keep,

    /**
     * Takes a webhook. `payload` is the exact bytes received. Answers when the event is durable, before it is applied.
     */
    async receive(mode: Mode, payload: Buffer, signature: string): Promise<'new' | 'duplicate'> {
      const event = verifyWebhook(payload, signature, await connections.webhookSecrets(mode))
      if (event === undefined) throw new AppError('webhook_signature_invalid', {})
      if (event.mode !== mode) {
        throw new AppError('webhook_mode_mismatch', { mode, eventMode: event.mode })
      }
      const bound = await connections.boundAccount(mode)
      const { connectedAccount: account } = event
      if (account !== null && account !== bound) {
        throw new AppError('webhook_account_mismatch', { account, bound })
      }
      await checkVersion(event)
      return (await keep(event, 'webhook')) ? 'new' : 'duplicate'
    },
  }
}
