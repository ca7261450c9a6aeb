/**
 * Every error this product answers with, and the only place where codes are made.
 *
 * A code is a promise to programs: it never changes its meaning. Each has a page `docs/errors/<code>.md`, which the
 * problem document's `type` points to, and is raised somewhere; a test holds both.
 */
interface ErrorDefinition {
  readonly status: number
  readonly title: string
  /** One line for people; `{name}` is replaced by the parameter of that name. */
  readonly detail: string
}

export const ERRORS = {
  // Requests the API cannot read or will not take.
  invalid_request: {
    status: 400,
    title: 'Invalid request',
    detail: 'The request has {count} invalid value(s); see errors.',
  },
  malformed_body: { status: 400, title: 'Malformed body', detail: 'The body is not valid JSON.' },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    detail: 'The body exceeds {limit} bytes.',
  },
  not_found: { status: 404, title: 'Not found', detail: 'There is no such {what}.' },
  setting_pinned: {
    status: 409,
    title: 'Setting fixed by the environment',
    detail: '{key} is set by the environment and cannot be changed here.',
  },
  currency_fixed: {
    status: 409,
    title: 'Currency fixed',
    detail: 'This customer is billed in {currency} since the first invoice.',
  },
  too_many_keys: {
    status: 409,
    title: 'Too many API keys',
    detail: 'A customer has at most {limit} API keys. Revoke one first.',
  },
  key_already_shown: {
    status: 409,
    title: 'API key already shown',
    detail: 'An API key is shown once. Rotate it to get a new one.',
  },
  key_is_revoked: {
    status: 409,
    title: 'API key revoked',
    detail: 'A revoked API key stays revoked. Create a new one.',
  },
  key_taken: {
    status: 409,
    title: 'Key taken',
    detail: 'There is already a {what} with the key {key}.',
  },
  no_draft: {
    status: 409,
    title: 'No draft',
    detail: 'The plan {plan} has no draft. Start one from the current version.',
  },
  draft_changed: {
    status: 409,
    title: 'Draft changed meanwhile',
    detail: 'The draft of {plan} was edited or published meanwhile. Reload it and try again.',
  },
  plan_is_default: {
    status: 409,
    title: 'Plan is the default',
    detail: 'Customers fall back to {plan}. Make another plan the default first.',
  },
  catalog_changed: {
    status: 409,
    title: 'Catalog changed meanwhile',
    detail: 'Pushing would do something else than what was shown. Look at the difference again.',
  },
  plan_not_available: {
    status: 409,
    title: 'Plan not available',
    detail: 'The plan {plan} is not on sale.',
  },
  add_on_not_available: {
    status: 409,
    title: 'Add-on not available',
    detail: 'The add-on {addOn} is not available: {reason}',
  },
  add_ons_unchanged: {
    status: 409,
    title: 'Nothing to change',
    detail: 'The subscription has exactly these add-ons already.',
  },
  migration_running: {
    status: 409,
    title: 'Migration running',
    detail: 'Subscribers of {plan} are being moved already. Cancel that migration first.',
  },
  migration_over: {
    status: 409,
    title: 'Migration over',
    detail: 'The migration is {state}; what it moved stays where it is.',
  },
  invitation_not_valid: {
    status: 409,
    title: 'Invitation not valid',
    detail: 'The invitation cannot be accepted. {reason}',
  },
  coupon_archived: {
    status: 409,
    title: 'Coupon archived',
    detail: 'The coupon {coupon} is archived and gives nothing off any more. Create another one.',
  },
  too_many_invitations: {
    status: 409,
    title: 'Too many invitations',
    detail: 'At most {limit} invitations wait at a time. Take one back first.',
  },
  last_owner: {
    status: 409,
    title: 'Last owner',
    detail: 'An account has at least one owner. Make somebody else an owner first.',
  },
  promotion_code_invalid: {
    status: 409,
    title: 'Promotion code invalid',
    detail: 'The promotion code {promotionCode} cannot be redeemed. {reason}',
  },
  coupon_not_applicable: {
    status: 409,
    title: 'Coupon not applicable',
    detail: 'The promotion code {promotionCode} takes nothing off here. {reason}',
  },
  already_subscribed: {
    status: 409,
    title: 'Already subscribed',
    detail: 'This account is subscribed to {plan} already.',
  },
  has_subscription: {
    status: 409,
    title: 'Has a subscription',
    detail: 'This account has a subscription to {plan}. Change its plan instead.',
  },
  currency_not_offered: {
    status: 409,
    title: 'Currency not offered',
    detail: 'The plan {plan} is not sold in {currency}.',
  },
  subscription_is_over: {
    status: 409,
    title: 'Subscription is over',
    detail: 'The subscription has ended. Subscribe again instead.',
  },
  already_canceling: {
    status: 409,
    title: 'Already canceled',
    detail: 'The subscription is canceled already and runs until the end of its period.',
  },
  subscription_not_changeable: {
    status: 409,
    title: 'Subscription cannot be changed',
    detail: 'The subscription is {lifecycle}. Only one that is running can change its plan.',
  },
  cancellation_pending: {
    status: 409,
    title: 'Subscription is canceled',
    detail: 'The subscription is canceled. Resume it first, then change its plan.',
  },
  change_pending: {
    status: 409,
    title: 'Change under way',
    detail: 'Another change of plan is under way. Take it back first, or wait until it is done.',
  },
  no_change_pending: {
    status: 409,
    title: 'No change under way',
    detail: 'There is no change of plan to take back.',
  },
  quote_expired: {
    status: 409,
    title: 'Quote expired',
    detail: 'The amounts were good for fifteen minutes. Preview the change again.',
  },
  subscription_changed: {
    status: 409,
    title: 'Subscription changed meanwhile',
    detail: 'The change would cost or do something else by now. Preview it again.',
  },
  payment_method_required: {
    status: 409,
    title: 'Payment method required',
    detail: 'The plan {plan} is charged to a payment method. Save one first, then change the plan.',
  },
  subscription_not_pausable: {
    status: 409,
    title: 'Subscription cannot be paused',
    detail: 'The subscription is {lifecycle}. Only one that is active can be paused.',
  },
  sent_invoices_not_pausable: {
    status: 409,
    title: 'Plan paid by invoice cannot be paused',
    detail: 'Stripe bills the plan by invoices it sends, and resumes only what it charges.',
  },
  pause_not_offered: {
    status: 403,
    title: 'Pausing is not offered',
    detail: 'The plan does not let customers pause. Ask whoever runs this service.',
  },
  pause_end_invalid: {
    status: 400,
    title: 'End of the pause is over',
    detail: 'A pause must end in the future, or be without an end.',
  },
  nothing_to_resume: {
    status: 409,
    title: 'Nothing to resume',
    detail: 'The subscription is neither paused nor canceled.',
  },
  event_is_voided: {
    status: 409,
    title: 'Event is voided',
    detail: 'The event was taken back already.',
  },
  finding_is_settled: {
    status: 409,
    title: 'Finding is settled',
    detail: 'The finding is {state} already.',
  },
  plan_not_mirrored: {
    status: 409,
    title: 'Plan not in Stripe',
    detail: 'The plan {plan} has no prices in the connected Stripe account. Publish it again.',
  },
  clock_not_movable: {
    status: 409,
    title: 'Clock cannot be moved',
    detail:
      'Time can be advanced while test mode runs on the simulator. With Stripe, use its test clocks.',
  },
  clock_backwards: {
    status: 409,
    title: 'Clock cannot go back',
    detail: 'Time only moves forward. Name an instant after the current one.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: '{path} does not answer {method}.',
  },
  not_signed_in: {
    status: 401,
    title: 'Not signed in',
    detail: 'Sign in, or send an API token as "Authorization: Bearer <token>".',
  },
  token_invalid: {
    status: 401,
    title: 'Unknown API token',
    detail: 'This API token does not exist, was revoked or has expired.',
  },
  no_account: {
    status: 403,
    title: 'No account',
    detail: 'You have no account in this mode yet. Create one first.',
  },
  role_not_allowed: {
    status: 403,
    title: 'Role not allowed',
    detail: 'Your role in this account ({role}) may not do this. Ask an owner.',
  },
  permission_missing: {
    status: 403,
    title: 'Permission missing',
    detail: 'Your role lacks the permission {permission}. Ask a super admin.',
  },
  mode_invalid: {
    status: 400,
    title: 'Unknown mode',
    detail: 'The Farebox-Mode header must be test or live, not {mode}.',
  },
  cross_site_request: {
    status: 403,
    title: 'Cross-site request',
    detail: 'The request comes from another site. Use the console itself, or an API token.',
  },

  // Gateway, in the order in which requests are checked.
  malformed_request: {
    status: 400,
    title: 'Malformed request',
    detail: 'The request is not valid HTTP: {reason}.',
  },
  upgrade_refused: {
    status: 400,
    title: 'Upgrade refused',
    detail:
      'A connection can become a WebSocket, by a GET, and nothing else; this asked for {protocol}.',
  },
  ambiguous_path: {
    status: 400,
    title: 'Ambiguous path',
    detail:
      'The path can be read in two ways. Send it without "." , "..", empty segments and "\\".',
  },
  route_not_found: {
    status: 404,
    title: 'No such route',
    detail: 'No route of this API takes this path.',
  },
  gateway_busy: {
    status: 503,
    title: 'Gateway busy',
    detail: 'Too many new API keys are being looked up. Try again in {retryAfter} s.',
  },
  access_unavailable: {
    status: 503,
    title: 'Access cannot be checked',
    detail: 'This API key cannot be checked right now. Try again in {retryAfter} s.',
  },
  missing_credentials: {
    status: 401,
    title: 'API key missing',
    detail: 'Send your API key as "Authorization: Bearer <key>" or "X-API-Key: <key>".',
  },
  invalid_scheme: {
    status: 401,
    title: 'Wrong authorization scheme',
    detail: 'The Authorization header must read "Bearer <key>".',
  },
  invalid_api_key: {
    status: 401,
    title: 'Unknown API key',
    detail: 'This API key does not exist. Copy it again or create a new one in the portal.',
  },
  key_expired: {
    status: 401,
    title: 'API key expired',
    detail: 'This API key expired on {expiredAt}. Create a new one in the portal.',
  },
  key_revoked: {
    status: 401,
    title: 'API key revoked',
    detail: 'This API key was revoked. Create a new one in the portal.',
  },
  key_disabled: {
    status: 403,
    title: 'API key disabled',
    detail: 'This API key is switched off. Switch it on in the portal.',
  },
  ip_not_allowed: {
    status: 403,
    title: 'Address not allowed',
    detail: 'This API key may not be used from this address.',
  },
  insufficient_scope: {
    status: 403,
    title: 'Scope missing',
    detail: 'This API key lacks the scope {scope}.',
  },
  customer_suspended: {
    status: 403,
    title: 'Account suspended',
    detail: 'This account is suspended ({reason}). Contact support.',
  },
  no_active_subscription: {
    status: 403,
    title: 'No subscription',
    detail: 'This account has no subscription. Choose a plan in the portal.',
  },
  subscription_scheduled: {
    status: 403,
    title: 'Subscription not started',
    detail: 'The subscription starts on {startsAt}.',
  },
  subscription_paused: {
    status: 403,
    title: 'Subscription paused',
    detail: 'The subscription is paused. Resume it in the portal.',
  },
  subscription_ended: {
    status: 403,
    title: 'Subscription ended',
    detail: 'The subscription ended on {endedAt}. Choose a plan in the portal.',
  },
  payment_incomplete: {
    status: 403,
    title: 'First payment missing',
    detail: 'The subscription starts with its first payment. Complete it in the portal.',
  },
  payment_overdue: {
    status: 403,
    title: 'Payment overdue',
    detail: 'An invoice is unpaid since {overdueSince}. Update the payment method in the portal.',
  },
  payment_uncollectible: {
    status: 403,
    title: 'Payment failed for good',
    detail: 'An invoice could not be collected. Pay it in the portal to restore access.',
  },
  feature_not_entitled: {
    status: 403,
    title: 'Not in your plan',
    detail: 'The plan does not include {feature}.',
  },
  meter_not_in_plan: {
    status: 403,
    title: 'Not in your plan',
    detail: 'The plan does not cover usage of {meter}.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    detail: 'The limit {limit} is used up. Try again in {retryAfter} s.',
  },
  quota_exceeded: {
    status: 403,
    title: 'Quota exceeded',
    detail: 'The plan includes {limit} {feature}; {used} are used. The quota resets on {resetsAt}.',
  },
  budget_exceeded: {
    status: 403,
    title: 'Budget used up',
    detail:
      'The budget {budget} allows {limit} {unit} per {window}; {used} are used. It starts anew on {resetsAt}.',
  },
  concurrency_limited: {
    status: 429,
    title: 'Too many requests at once',
    detail: 'At most {limit} requests may run at the same time ({name}). Wait for one to finish.',
  },
  metering_unavailable: {
    status: 503,
    title: 'Usage cannot be recorded',
    detail: 'Usage cannot be recorded right now, and this route serves nothing unrecorded.',
  },
  idempotency_key_invalid: {
    status: 400,
    title: 'Idempotency-Key invalid',
    detail: 'An Idempotency-Key has 1 to 255 visible ASCII characters.',
  },
  request_in_progress: {
    status: 409,
    title: 'Request in progress',
    detail: 'A request with this Idempotency-Key is being answered. Try again in {retryAfter} s.',
  },
  idempotency_mismatch: {
    status: 422,
    title: 'Idempotency-Key used before',
    detail: 'This Idempotency-Key was used for a different request. Use a new one.',
  },
  upstream_failed: {
    status: 502,
    title: 'Upstream failed',
    detail: 'The API behind this gateway gave no usable answer.',
  },
  upstream_unavailable: {
    status: 503,
    title: 'Upstream unavailable',
    detail: 'The API behind this gateway cannot be reached.',
  },
  upstream_timeout: {
    status: 504,
    title: 'Upstream timeout',
    detail: 'The API behind this gateway did not answer within {timeoutMs} ms.',
  },
  upstream_in_use: {
    status: 409,
    title: 'Upstream in use',
    detail: 'The route {route} leads to the upstream {upstream}. Change the route first.',
  },
  // Stripe.
  stripe_key_mode: {
    status: 400,
    title: 'Stripe key of the wrong mode',
    detail: '{mode} mode needs a {mode} key; this is a {keyMode} key.',
  },
  stripe_key_invalid: {
    status: 400,
    title: 'Stripe key refused',
    detail: 'Stripe does not accept the key. Copy it again from the Stripe dashboard.',
  },
  stripe_not_connected: {
    status: 409,
    title: 'Stripe not connected',
    detail: 'Connect Stripe for {mode} mode first: settings, Stripe connection.',
  },
  stripe_account_changed: {
    status: 409,
    title: 'Key of another Stripe account',
    detail:
      'The key belongs to {account}, but {mode} mode is bound to {bound}. Use a key of that account.',
  },
  webhook_signature_invalid: {
    status: 400,
    title: 'Webhook signature verification failed',
    detail: 'No signing secret of this mode fits. Copy the endpoint secret from Stripe again.',
  },
  webhook_account_mismatch: {
    status: 400,
    title: 'Webhook of another account',
    detail: 'This is an event of the Stripe account {account}; this mode is connected to {bound}.',
  },
  webhook_mode_mismatch: {
    status: 400,
    title: 'Webhook of the other mode',
    detail: 'This address takes {mode} events; this is a {eventMode} event.',
  },
  stripe_unavailable: {
    status: 503,
    title: 'Stripe unavailable',
    detail: 'Stripe did not answer. Nothing was charged twice; try again.',
  },
  stripe_rejected: {
    status: 502,
    title: 'Stripe refused the request',
    detail: 'Stripe answered: {message}',
  },
  stripe_object_missing: {
    status: 409,
    title: 'Missing in Stripe',
    detail: 'Stripe answered: {message}',
  },
  stripe_customer_missing: {
    status: 409,
    title: 'Customer missing in Stripe',
    detail: 'Stripe answered: {message}',
  },
  stripe_customer_deleted: {
    status: 409,
    title: 'Stripe customer deleted',
    detail:
      'The Stripe customer {stripeCustomer} was deleted while invoices were unpaid. Settle them, or delete its mapping, and try again.',
  },
  stripe_unexpected: {
    status: 502,
    title: 'Unexpected value from Stripe',
    detail: 'Stripe sent the {what} "{value}", which this version does not know.',
  },
  payment_not_refundable: {
    status: 409,
    title: 'Payment cannot be refunded',
    detail: 'Only money that came in can be given back; this payment is {state}.',
  },
  payment_disputed: {
    status: 409,
    title: 'Payment is disputed',
    detail: 'The bank decides about this payment. Answer the dispute instead of refunding.',
  },
  nothing_left_to_refund: {
    status: 409,
    title: 'Nothing left to refund',
    detail: 'All of this payment was given back, or is on its way.',
  },
  amount_exceeds_remaining: {
    status: 409,
    title: 'More than what is left',
    detail: 'At most {leftMinor} minor units ({currency}) of this payment can still be refunded.',
  },
  amount_not_chargeable: {
    status: 400,
    title: 'Amount not possible',
    detail: 'Banks cannot move this amount. It must be positive, and in steps of the currency.',
  },
  credits_already_used: {
    status: 409,
    title: 'Credits already used',
    detail: 'The payment bought credits; what is unused of them is worth {leftMinor} ({currency}).',
  },
  refund_not_waiting: {
    status: 409,
    title: 'Refund does not wait',
    detail: 'This refund needs no approval, or somebody decided about it already.',
  },
  refund_needs_second_person: {
    status: 403,
    title: 'Second person needed',
    detail: 'A refund of this size is approved by another operator than the one who asked.',
  },
  insufficient_credits: {
    status: 403,
    title: 'Credits used up',
    detail: 'There are {available} left; {missing} more are needed. Buy credits in the portal.',
  },
  reconcile_running: {
    status: 409,
    title: 'Reconciling already',
    detail: 'A comparison of everything with Stripe is under way. Wait for it to finish.',
  },
  dispute_not_answerable: {
    status: 409,
    title: 'Dispute takes no evidence',
    detail: 'The dispute is {state}, or its evidence was handed in already.',
  },
  invoice_not_open: {
    status: 409,
    title: 'Invoice not open',
    detail: 'The invoice is {state}; only an open one can be paid, written off or voided.',
  },
  invoice_not_collectible: {
    status: 409,
    title: 'Invoice is paid outside Stripe',
    detail: 'There is no payment method to charge. It is paid as it says on the invoice.',
  },
  payment_not_whole: {
    status: 422,
    title: 'Not the whole amount',
    detail: 'Exactly {due} {currency} is due; a part of an invoice cannot be marked as paid.',
  },
  invoice_not_creditable: {
    status: 409,
    title: 'Invoice cannot be credited',
    detail: 'Credit notes are for invoices that are final and not void.',
  },
  amount_exceeds_invoice: {
    status: 409,
    title: 'More than the invoice',
    detail: 'All credit notes together cannot exceed the total of the invoice.',
  },
  card_declined: {
    status: 402,
    title: 'Payment declined',
    detail: '{reason}',
  },

  // Starting up.
  config_invalid: {
    status: 500,
    title: 'Configuration invalid',
    detail: 'Please correct: {problems}',
  },
  port_in_use: {
    status: 500,
    title: 'Port in use',
    detail: 'Port {port} ({what}) is taken. Stop what uses it, or choose another with {flag}.',
  },
  data_folder_unwritable: {
    status: 500,
    title: 'Data folder not writable',
    detail: 'Cannot write to {folder}. Choose another folder with --data.',
  },
  data_folder_in_use: {
    status: 500,
    title: 'Data folder in use',
    detail: 'Another process has {folder} open. Stop it, or choose another folder with --data.',
  },
  database_is_newer: {
    status: 500,
    title: 'Database is newer',
    detail:
      'The database knows the migration {name}, this version does not. Start a newer version.',
  },
  migration_failed: {
    status: 500,
    title: 'Migration failed',
    detail: 'Migration {name} failed and was rolled back; the log has the cause.',
  },
  secret_unreadable: {
    status: 500,
    title: 'Secret unreadable',
    detail: 'The stored secret for {purpose} cannot be opened with this installation key.',
  },
  secret_key_invalid: {
    status: 500,
    title: 'Invalid installation key',
    detail: 'FAREBOX_SECRET_KEY must be {bytes} bytes in base64.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong here. The request id helps to find out what.',
  },
} as const satisfies Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof ERRORS

type ParamsIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamsIn<Rest>
  : never

/** The parameters a code's detail names, each required. */
export type ErrorParams<Code extends ErrorCode> = {
  readonly [Name in ParamsIn<(typeof ERRORS)[Code]['detail']>]: string | number
}

/** What one field of the input has against it; a path is written `rateCards[0].price.amount`. */
export interface FieldError {
  readonly path: string
  readonly message: string
}

/** Extra members of the problem document, for programs: `limit`, `resetsAt`, `actions` and the like. */
export type ErrorExtras = Readonly<Record<string, unknown>>

interface ErrorOptions {
  readonly cause?: unknown
  readonly extras?: ErrorExtras
}

/**
 * An expected refusal on its way to whoever asked. What is public comes from the registry and the parameters;
 * the cause goes to the log only.
 */
export class AppError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code
  readonly status: number
  readonly title: string
  readonly extras: ErrorExtras

  constructor(code: Code, params: ErrorParams<Code>, options: ErrorOptions = {}) {
    super(describe(code, params), { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.status = ERRORS[code].status
    this.title = ERRORS[code].title
    this.extras = options.extras ?? {}
  }
}

export function invalidRequest(errors: readonly FieldError[]): AppError<'invalid_request'> {
  return new AppError('invalid_request', { count: errors.length }, { extras: { errors } })
}

export function notFound(what: string): AppError<'not_found'> {
  return new AppError('not_found', { what })
}

/** A rule's refusal on its way to whoever asked. */
export function refusalError(refusal: {
  readonly code: ErrorCode
  readonly params: Readonly<Record<string, string>>
}): AppError {
  return new AppError(refusal.code, refusal.params as ErrorParams<ErrorCode>)
}

function describe<Code extends ErrorCode>(code: Code, params: ErrorParams<Code>): string {
  const values: Record<string, string | number> = params
  return ERRORS[code].detail.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]))
}
