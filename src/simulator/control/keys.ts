import type { ApiKeyDocument } from '../accounts/documents.ts'
import type { Directory } from '../accounts/directory.ts'
import { ControlError } from './answers.ts'
import type { Body, ControlHandlers } from './control.ts'

const KINDS = ['secret', 'restricted', 'publishable'] as const

/** Accounts and the keys that open them. */
export function keyControl(directory: Directory): ControlHandlers {
  return {
    'GET /_sim/accounts': () =>
      directory.realms().map(({ facts, tables }) => ({
        account: facts.accountId,
        mode: facts.isLive ? 'live' : 'test',
        customers: tables.customer.size,
        events: tables.event.size,
      })),

    'GET /_sim/keys': ({ realms }) =>
      directory
        .keys()
        .filter((key) =>
          realms.some(
            ({ realm: { facts } }) =>
              facts.accountId === key.accountId && facts.isLive === key.isLive,
          ),
        )
        .map(show),

    /** Another key for an account that exists, in its mode or the other; restricted ones say what they may do. */
    'POST /_sim/keys': ({ one, body }) => {
      const { facts } = one().realm
      const kind = KINDS.find((known) => known === (body['kind'] ?? 'secret'))
      if (kind === undefined) {
        throw new ControlError(400, `\`kind\` must be one of ${KINDS.join(', ')}.`)
      }
      const { mode } = body
      const key = directory.issueKey({
        accountId: facts.accountId,
        isLive: mode === undefined ? facts.isLive : mode === 'live',
        kind,
        name: typeof body['name'] === 'string' ? body['name'] : '',
        permissions: kind === 'restricted' ? readPermissions(body) : {},
      })
      return show(key)
    },

    'POST /_sim/keys/revoke': ({ body }) => {
      const revoked = directory.revokeKey(String(body['key']))
      if (revoked !== undefined) return show(revoked)
      throw new ControlError(
        404,
        'Only keys that were made here can be revoked; this one was not. Send it as `key`.',
      )
    },
  }
}

function show({ id, accountId, isLive, ...rest }: ApiKeyDocument) {
  return { key: id, account: accountId, mode: isLive ? 'live' : 'test', ...rest }
}

function readPermissions(body: Body): ApiKeyDocument['permissions'] {
  const given = body['permissions']
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ControlError(
      400,
      '`permissions` says what a restricted key may do, such as {"customer": "write", "invoice": "read"}.',
    )
  }
  return Object.fromEntries(
    Object.entries(given).map(([resource, level]) => {
      if (level !== 'read' && level !== 'write') {
        throw new ControlError(400, `The permission for '${resource}' must be read or write.`)
      }
      return [resource, level]
    }),
  )
}
