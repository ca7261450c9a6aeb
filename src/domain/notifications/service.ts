import { newId } from '../../kit/id.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest, TimePage } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Mailer } from '../../platform/mail/mail.ts'
import type { Secrets } from '../../platform/secrets.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Settings } from '../settings/service.ts'
import { renderLetter } from './letter.ts'
import { letterIn, portalLinkIn } from './mode-links.ts'
import type { Payloads } from './payloads.ts'
import type { Notification } from './notification.ts'
import * as store from './store.ts'
import { isTemplate, type TemplateName, TEMPLATES, writeLetter } from './templates.ts'
import { type Topic, TOPICS } from './topic.ts'

const QUEUE = 'notification.send'
const MAX_ATTEMPTS = 8
const SEALED_FOR = 'notification'

interface NotificationsDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly clocks: Clocks
  readonly jobs: Jobs
  readonly mailer: Mailer
  readonly secrets: Secrets
  readonly settings: Settings
  readonly consoleUrl: string
  /** Who among the operators is written to. */
  readonly operatorEmails: (db: Db) => Promise<readonly string[]>
}

export interface News<Name extends TemplateName> {
  readonly mode: Mode
  readonly template: Name
  /** Null: somebody who is no customer yet. */
  readonly customerId: string | null
  /** This address alone, not the customer's people. */
  readonly to?: string
  readonly payload: Payloads[Name]
  /** What is said once: the same key again says nothing. */
  readonly dedupeKey: string
}

export type Notifications = ReturnType<typeof createNotifications>

/** Mails: wanted in the transaction of what they tell, rendered and sent by a job, once each. */
export function createNotifications(deps: NotificationsDeps) {
  const { database, accounts, clocks, jobs, mailer, secrets, settings, consoleUrl } = deps

  /** The members in the topic's roles; about money, or without members, also whoever the account's address reaches. */
  async function recipientsOf(tx: Db, mode: Mode, customerId: string | null, topic: Topic) {
    if (customerId === null) return []
    const { roles, isOptional, isForBillingAddress = false } = TOPICS[topic]
    if (isOptional && (await store.listSwitchedOff(tx, mode, customerId)).has(topic)) return []
    const members = await accounts.members(mode, customerId, tx)
    const inRole = members.filter(({ role }) => roles.includes(role)).map(({ email }) => email)
    if (members.length > 0 && !isForBillingAddress) return inRole
    const { email } = await accounts.get(mode, customerId, tx)
    const isTold = inRole.some((other) => other.toLowerCase() === email?.toLowerCase())
    return email === null || isTold ? inRole : [...inRole, email]
  }

  async function send(notification: Notification, payload: unknown): Promise<void> {
    const { mode, template, customerId, recipient } = notification
    if (!isTemplate(template)) throw new Error(`There is no template ${template}`)
    const productName = (await settings.get(mode, 'portal.name')) ?? 'Farebox'
    const customer = customerId === null ? undefined : await accounts.find(mode, customerId)
    const portalUrl = `${consoleUrl}/portal`
    const adminUrl = `${consoleUrl}/admin/${mode}`
    const letter = writeLetter(template, payload, {
      productName,
      customerName: customer?.name ?? '',
      portalUrl,
      adminUrl,
      open: (sealed) => secrets.open(sealed, SEALED_FOR),
    })
    const isForOperators = TEMPLATES[template].topic === null
    const rendered = renderLetter(letterIn(mode, letter, portalUrl), {
      productName,
      isTest: mode === 'test',
      preferencesUrl: isForOperators
        ? `${adminUrl}/settings`
        : portalLinkIn(mode, `${portalUrl}/settings`),
    })
    await mailer.send({ to: recipient, ...rendered })
  }

  jobs.handle(QUEUE, async ({ payload: job, attempt }) => {
    const { mode, id } = job as { mode: Mode; id: string }
    const found = await store.find(database.db, mode, id)
    if (found === undefined || found.state === 'sent') return
    const { payload, ...notification } = found
    try {
      await send(notification, payload)
      await store.settle(
        database.db,
        notification,
        { state: 'sent', error: null },
        clocks.now(mode),
      )
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (attempt >= MAX_ATTEMPTS) {
        const outcome = { state: 'failed' as const, error: message.slice(0, 500) }
        await store.settle(database.db, notification, outcome, clocks.now(mode))
      }
      throw error
    }
  })

  return {
    /** For what opens something to whoever reads it: a payload holds it sealed, and the letter opens it. */
    seal: (secret: string): string => secrets.seal(secret, SEALED_FOR),

    /** Wants a mail to everybody it concerns, in the transaction of what it tells. */
    async tell<Name extends TemplateName>(tx: Db, news: News<Name>): Promise<void> {
      const { mode, template, customerId, payload, to } = news
      const { topic } = TEMPLATES[template]
      const recipients =
        to !== undefined
          ? [to]
          : topic === null
            ? await deps.operatorEmails(tx)
            : await recipientsOf(tx, mode, customerId, topic)
      for (const recipient of new Set(recipients)) {
        const now = clocks.now(mode)
        const notification: Notification = {
          mode,
          id: newId('notification', now),
          template,
          customerId,
          recipient,
          dedupeKey: `${news.dedupeKey}:${recipient}`,
          state: 'pending',
          error: null,
          createdAt: now,
          sentAt: null,
        }
        if (!(await store.insert(tx, notification, payload))) continue
        const job = { mode, id: notification.id }
        await jobs.enqueue(tx, QUEUE, job, { key: notification.id, maxAttempts: MAX_ATTEMPTS })
      }
    },

    list: (
      mode: Mode,
      customerId: string | undefined,
      page: PageRequest,
    ): Promise<Page<Notification>> => store.list(database.db, mode, customerId, page),

    ofCustomer: (mode: Mode, customerId: string, page: TimePage) =>
      store.listOfCustomer(database.db, mode, customerId, page),

    /** Every topic, and whether the account wants to hear of it. */
    async preferences(mode: Mode, customerId: string) {
      const off = await store.listSwitchedOff(database.db, mode, customerId)
      return Object.entries(TOPICS).map(([topic, { name, description, isOptional }]) => {
        return { topic, name, description, isOptional, isEnabled: !isOptional || !off.has(topic) }
      })
    },

    async prefer(mode: Mode, customerId: string, topic: Topic, isEnabled: boolean): Promise<void> {
      const preference = { mode, customerId, topic, isEnabled }
      await store.savePreference(database.db, preference, clocks.now(mode))
    },
  }
}
