import { AppError } from '../../errors.ts'
import { assertNever } from '../../kit/assert.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Accounts } from '../../domain/accounts/service.ts'
import type { Actor, Caller } from '../../domain/audit/caller.ts'
import { hasPermission } from '../../domain/operators/operator.ts'
import type { ActingOperator, Operators } from '../../domain/operators/service.ts'
import { originsOf, type SignedIn, type SignIn } from '../../domain/sign-in/service.ts'
import type { Access } from '../contract/route.ts'
import type { RequestContext } from './implement.ts'

/** The mode a request is for; without it operators work in test mode and the portal in its public mode. */
export const MODE_HEADER = 'farebox-mode'
/** A browser cannot be made to send this from another site without asking first. */
export const CSRF_HEADER = 'farebox-csrf'

interface AuthenticationDeps {
  readonly accounts: Accounts
  readonly operators: Operators
  readonly signIn: SignIn
  readonly publicMode: () => Promise<Mode>
  readonly publicUrl: string
}

export interface Requester {
  readonly requestId: string
  readonly ip: string | null
}

type Identity = Pick<RequestContext, 'operator' | 'user' | 'customerId'> & { readonly actor: Actor }

/** Establishes who asks and whether they may, from the route's access; nothing else decides that. */
export function createAuthentication(deps: AuthenticationDeps) {
  const { accounts, operators, signIn, publicMode, publicUrl } = deps
  const origins = new Set(originsOf(publicUrl))

  async function modeOf(access: Access, headers: Headers): Promise<Mode> {
    const asked = headers.get(MODE_HEADER)
    if (asked === 'test' || asked === 'live') return asked
    if (asked !== null) throw new AppError('mode_invalid', { mode: asked })
    return access.kind === 'operator' ? 'test' : publicMode()
  }

  async function operatorOf(request: Request): Promise<ActingOperator> {
    const authorization = request.headers.get('authorization')
    if (authorization !== null) {
      const operator = await operators.byToken(authorization.replace(/^Bearer /i, ''))
      if (operator === undefined) throw new AppError('token_invalid', {})
      return operator
    }
    refuseForgery(request)
    const operator = await operators.bySession(request.headers)
    if (operator === undefined) throw new AppError('not_signed_in', {})
    return operator
  }

  async function userOf(request: Request): Promise<SignedIn> {
    refuseForgery(request)
    const user = await signIn.session('portal', request.headers)
    if (user === undefined) throw new AppError('not_signed_in', {})
    return user
  }

  /** Cookies come along whoever sent the browser here, so what changes something must prove it is us. */
  function refuseForgery({ method, headers }: Request): void {
    if (method === 'GET' || method === 'HEAD') return
    const origin = headers.get('origin')
    const isOwn = origin === null || origins.has(origin)
    if (!isOwn || headers.get(CSRF_HEADER) !== '1') throw new AppError('cross_site_request', {})
  }

  async function identify(
    access: Access,
    request: Request,
    mode: Mode,
  ): Promise<Partial<Identity>> {
    switch (access.kind) {
      case 'public':
        return { actor: { kind: 'system' } }
      case 'user': {
        const user = await userOf(request)
        return { user, actor: { kind: 'member', id: user.userId, role: 'none' } }
      }
      case 'member': {
        const user = await userOf(request)
        const [membership] = await accounts.memberships(mode, user.userId)
        if (membership === undefined) throw new AppError('no_account', {})
        if (!access.roles.includes(membership.role)) {
          throw new AppError('role_not_allowed', { role: membership.role })
        }
        const actor = { kind: 'member' as const, id: user.userId, role: membership.role }
        return { user, customerId: membership.customerId, actor }
      }
      case 'operator': {
        const operator = await operatorOf(request)
        if (!hasPermission(operator.roles, access.permission)) {
          throw new AppError('permission_missing', { permission: access.permission })
        }
        return {
          operator,
          actor: { kind: 'operator', id: operator.id, role: operator.roles.join(',') },
        }
      }
      default:
        return assertNever(access)
    }
  }

  return async (
    access: Access,
    request: Request,
    requester: Requester,
  ): Promise<Omit<RequestContext, 'expectedVersion'>> => {
    const mode = await modeOf(access, request.headers)
    const { actor = { kind: 'system' }, ...identity } = await identify(access, request, mode)
    const caller: Caller = {
      mode,
      actor,
      requestId: requester.requestId,
      ip: requester.ip,
      userAgent: request.headers.get('user-agent')?.slice(0, 300) ?? null,
    }
    // A route's access says which of these its handler may use; the others are not there.
    return { caller, ...identity } as Omit<RequestContext, 'expectedVersion'>
  }
}
