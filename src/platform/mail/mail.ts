import { createTransport } from 'nodemailer'
import type { Clock } from '../../kit/clock.ts'
import { newId } from '../../kit/id.ts'
import type { Db } from '../database/database.ts'

export interface MailMessage {
  readonly to: string
  readonly subject: string
  /** Every mail has a plain-text twin. */
  readonly text: string
  readonly html: string
}

/** Hands a message over; throws when it could not be handed over, so that the job tries again. */
export interface Mailer {
  readonly kind: 'smtp' | 'mailbox'
  send(message: MailMessage): Promise<void>
}

export interface SmtpOptions {
  /** `smtp://user:password@host:587` or `smtps://…`. */
  readonly url: string
  readonly from: string
}

const SEND_TIMEOUT_MS = 20_000
const KEEP_MESSAGES = 500

export function createSmtpMailer({ url, from }: SmtpOptions): Mailer {
  const transport = createTransport(url, { from })
  return {
    kind: 'smtp',
    async send(message) {
      const timeout = AbortSignal.timeout(SEND_TIMEOUT_MS)
      const isLate = new Promise<never>((_, reject) => {
        timeout.addEventListener('abort', () => reject(new Error('The mail server did not answer')))
      })
      await Promise.race([transport.sendMail(message), isLate])
    },
  }
}

/** Without a mail server, mail is kept where a developer can read it: the console's mailbox page. */
export function createMailboxMailer(db: Db, clock: Clock): Mailer {
  return {
    kind: 'mailbox',
    async send({ to, subject, text, html }) {
      const id = newId('mail', clock.now())
      await db
        .insertInto('mailboxMessages')
        .values({ id, recipient: to, subject, text, html, sentAt: new Date(clock.now()) })
        .execute()
      const kept = db
        .selectFrom('mailboxMessages')
        .select('id')
        .orderBy('id', 'desc')
        .limit(KEEP_MESSAGES)
      await db.deleteFrom('mailboxMessages').where('id', 'not in', kept).execute()
    },
  }
}

export interface MailboxMessage extends MailMessage {
  readonly id: string
  readonly sentAt: number
}

/** The newest messages of the development mailbox, newest first. */
export async function listMailbox(db: Db, limit: number): Promise<MailboxMessage[]> {
  const rows = await db
    .selectFrom('mailboxMessages')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    to: row.recipient,
    subject: row.subject,
    text: row.text,
    html: row.html,
    sentAt: row.sentAt.getTime(),
  }))
}
