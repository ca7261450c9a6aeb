import type { z } from 'zod'
import type { memberRole } from './values.ts'

/**
 * One route of the REST API: the only description there is. Validation, authorization, `openapi.json`, the typed client
 * and the tests of who may call what are all read from it.
 */
export interface RouteDefinition {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** With parameters in braces: `/api/v1/customers/{customerId}`. */
  readonly path: string
  readonly access: Access
  readonly summary: string
  readonly tag: string
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** A CloudEvent may come as headers with its data as the body: its binary mode over HTTP. */
  readonly takesCloudEvents?: true
  readonly response: z.ZodType
  /** `Accept: text/csv` answers the rows in `data` as a table. */
  readonly answersCsv?: true
  /** The object has a version: `If-Match` makes the request fail when it has changed since. */
  readonly isVersioned?: true
  /** 200 unless something was created. */
  readonly status?: 200 | 201 | 202
}

export type Access =
  /** Anyone. */
  | { readonly kind: 'public' }
  /** A signed-in portal user, with or without an account to act for. */
  | { readonly kind: 'user' }
  /** A portal user acting for a customer, in one of these roles. */
  | { readonly kind: 'member'; readonly roles: readonly MemberRole[] }
  /** An operator, by session or token, with this permission. */
  | { readonly kind: 'operator'; readonly permission: Permission }

export type MemberRole = z.output<typeof memberRole>

export type Permission =
  | 'read'
  | 'catalog.write'
  | 'customers.write'
  | 'keys.write'
  | 'subscriptions.write'
  | 'payments.write'
  /** Counting usage: decisions about calls, and events. */
  | 'usage.write'
  | 'webhooks.write'
  | 'settings.write'
  | 'audit.read'
  | 'clock.write'
  | 'operators.write'

/** Everyone who acts for a customer may look. */
export const ANY_MEMBER: Access = {
  kind: 'member',
  roles: ['owner', 'admin', 'developer', 'billing', 'viewer'],
}
export const KEY_HOLDERS: Access = { kind: 'member', roles: ['owner', 'admin', 'developer'] }
export const MANAGERS: Access = { kind: 'member', roles: ['owner', 'admin'] }
export const PAYERS: Access = { kind: 'member', roles: ['owner', 'admin', 'billing'] }

export const operator = (permission: Permission): Access => ({ kind: 'operator', permission })

/** Keeps the literal types of a definition, which the client's types are made of. */
export function route<const Definition extends RouteDefinition>(
  definition: Definition,
): Definition {
  return definition
}
