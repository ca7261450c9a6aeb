import type { Page, PageRequest, TimePage } from '../../kit/page.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Audit } from '../audit/service.ts'
import type { Notifications } from '../notifications/service.ts'
import type { Payments } from '../payments/service.ts'
import type { Inbox } from '../webhooks/service.ts'
import { type Happening, mergeNewest, readCursor, resumeAt, type Source } from './happening.ts'
import { selectionOf, type TimelineKind } from './kinds.ts'

interface TimelineDeps {
  readonly audit: Audit
  readonly inbox: Inbox
  readonly notifications: Notifications
  readonly payments: Payments
}

export type Timeline = ReturnType<typeof createTimeline>

/** What happened to a customer, from everybody who knows some of it. */
export function createTimeline({ audit, inbox, notifications, payments }: TimelineDeps) {
  return {
    async of(
      { mode, id }: Customer,
      /** Stripe's events name the customer by Stripe's id; null: Stripe does not know it. */
      stripeCustomerId: string | null,
      kind: TimelineKind | undefined,
      { limit, cursor }: PageRequest,
    ): Promise<Page<Happening>> {
      const last = cursor === undefined ? undefined : readCursor(cursor)
      const { sources, slice } = selectionOf(kind)

      async function read(source: Source): Promise<Happening[]> {
        // One more than is shown tells whether there is a next page.
        const page: TimePage = { limit: limit + 1, before: resumeAt(source, last) }
        switch (source) {
          case 'audit':
            return (await audit.ofCustomer(mode, id, slice, page)).map((entry) => {
              return { source, at: entry.happenedAt, key: String(entry.position), entry }
            })
          case 'attempt':
            return (await payments.attemptsOfCustomer(mode, id, page)).map((attempt) => {
              return { source, at: attempt.attemptedAt, key: attempt.id, attempt }
            })
          case 'mail':
            return (await notifications.ofCustomer(mode, id, page)).map((mail) => {
              return { source, at: mail.createdAt, key: mail.id, mail }
            })
          case 'event':
            if (stripeCustomerId === null) return []
            return (await inbox.ofCustomer(mode, stripeCustomerId, page)).map((event) => {
              return { source, at: event.occurredAt, key: event.id, event }
            })
        }
      }

      return mergeNewest(await Promise.all(sources.map(read)), limit)
    },
  }
}
