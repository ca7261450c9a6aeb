import { type Command, InvalidArgumentError } from 'commander'
import type { ResponseOf } from '../../client/client.ts'
import { type CliContext, CliError } from '../context.ts'
import { examples } from '../examples.ts'
import { printJson, printRows } from '../output.ts'

type Invitation = ResponseOf<'get', '/api/v1/plans/{planKey}/invitations'>['data'][number]

interface InviteOptions {
  readonly email?: string
  readonly customer?: string
  readonly days: number
}

/** The part of `plans` that is about private ones. */
export function addInvitationCommands(plans: Command, context: CliContext): void {
  plans
    .command('invite <plan>')
    .description('Invite somebody to a private plan; the mail carries a link that works once')
    .option('--email <address>', 'an address, customer or not yet')
    .option('--customer <customer>', 'a customer')
    .option('--days <days>', 'how long the link works', days, 14)
    .addHelpText(
      'after',
      examples(
        'plans invite partner --email ada@example.com',
        'plans invite partner --customer customer_01… --days 30',
      ),
    )
    .action(async (planKey: string, { email, customer, days: expiresInDays }: InviteOptions) => {
      if ((email === undefined) === (customer === undefined)) {
        throw new CliError(
          'Say either --email or --customer.',
          'See "farebox plans invite --help".',
        )
      }
      const invitation = await context.client().post('/api/v1/plans/{planKey}/invitations', {
        params: { planKey },
        body: {
          ...(email !== undefined && { email }),
          ...(customer !== undefined && { customerId: customer }),
          expiresInDays,
        },
      })
      if (context.options().json === true) printJson(context, invitation)
      else context.print(`Invited ${guestOf(invitation)} until ${invitation.expiresAt}.`)
    })

  plans
    .command('invitations <plan>')
    .description('Who was invited to a plan, newest first')
    .option('--limit <count>', 'at most so many', count, 25)
    .addHelpText('after', examples('plans invitations partner', 'plans invitations partner --json'))
    .action(async (planKey: string, { limit }: { limit: number }) => {
      const { data } = await context
        .client()
        .get('/api/v1/plans/{planKey}/invitations', { params: { planKey }, query: { limit } })
      printRows(
        context,
        data,
        [
          { title: 'INVITATION', value: ({ id }) => id },
          { title: 'FOR', value: guestOf },
          { title: 'STATE', value: ({ state }) => state },
          { title: 'UNTIL', value: ({ expiresAt }) => expiresAt },
          { title: 'ACCEPTED BY', value: ({ acceptedBy }) => acceptedBy ?? '' },
        ],
        'Nobody was invited yet.',
      )
    })

  plans
    .command('uninvite <invitation>')
    .description('Take an invitation back, accepted or not; a running subscription goes on')
    .addHelpText('after', examples('plans uninvite invitation_01…'))
    .action(async (invitationId: string) => {
      const revoked = await context
        .client()
        .post('/api/v1/invitations/{invitationId}/revoke', { params: { invitationId } })
      if (context.options().json === true) printJson(context, revoked)
      else context.print(`The invitation for ${guestOf(revoked)} is taken back.`)
    })
}

function guestOf({ email, customerId }: Invitation): string {
  return email ?? customerId ?? ''
}

function days(text: string): number {
  const value = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= 365)) throw new InvalidArgumentError('Write 1 to 365 days.')
  return value
}

function count(text: string): number {
  const value = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= 100)) throw new InvalidArgumentError('Write 1 to 100.')
  return value
}
