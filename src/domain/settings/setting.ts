/**
 * What an operator may change while the product runs. Each setting has one definition: its scope (shared by both
 * modes or per mode), whether it is a secret, its default, and how its text is read.
 */
export interface SettingDefinition {
  readonly scope: 'installation' | 'mode'
  readonly isSecret: boolean
  readonly description: string
  readonly fallback: string | null
  /** Says what is wrong with a value; undefined when it is fine. */
  readonly check?: (value: string) => string | undefined
}

const oneOf =
  (...allowed: readonly string[]) =>
  (value: string): string | undefined =>
    allowed.includes(value) ? undefined : `must be one of ${allowed.join(', ')}`

const wholeNumber = (value: string): string | undefined =>
  /^\d{1,15}$/.test(value) ? undefined : 'must be a whole number'

const decimalNumber = (value: string): string | undefined =>
  /^\d{1,6}(\.\d{1,3})?$/.test(value) ? undefined : 'must be a number with at most three decimals'

const startsWith =
  (...prefixes: readonly string[]) =>
  (value: string): string | undefined =>
    prefixes.some((prefix) => value.startsWith(prefix))
      ? undefined
      : `must start with ${prefixes.join(' or ')}`

export const SETTINGS = {
  'payment.provider': {
    scope: 'mode',
    isSecret: false,
    description: 'Who collects: stripe, or none for invoices paid outside.',
    fallback: 'stripe',
    check: oneOf('stripe', 'none'),
  },
  'payment.stripe.secret_key': {
    scope: 'mode',
    isSecret: true,
    description: 'Secret or restricted key of the Stripe account.',
    fallback: null,
    check: startsWith('sk_', 'rk_'),
  },
  'payment.stripe.public_key': {
    scope: 'mode',
    isSecret: false,
    description: 'Publishable key of the Stripe account.',
    fallback: null,
    check: startsWith('pk_'),
  },
  'payment.stripe.webhook_secret': {
    scope: 'mode',
    isSecret: true,
    description:
      'Signing secrets of the webhook endpoint, separated by commas while one is rotated.',
    fallback: null,
    check: startsWith('whsec_'),
  },
  'payment.stripe.account': {
    scope: 'mode',
    isSecret: false,
    description: 'The Stripe account this mode is bound to; set by the first connection.',
    fallback: null,
  },
  'payment.stripe.key_seen': {
    scope: 'mode',
    isSecret: false,
    description: 'A fingerprint of the Stripe key in use and since when it is, to tell its age.',
    fallback: null,
  },
  'payment.stripe.events_cursor': {
    scope: 'mode',
    isSecret: false,
    description: 'Where the poller of Stripe events stands, in unix seconds.',
    fallback: null,
    check: wholeNumber,
  },
  'payment.max_overdue_days': {
    scope: 'mode',
    isSecret: false,
    description:
      'Days of access with an overdue invoice where neither customer nor plan says otherwise.',
    fallback: '3',
    check: decimalNumber,
  },
  'invoices.due_days': {
    scope: 'mode',
    isSecret: false,
    description:
      'Days until an invoice is due that is sent and not charged, where the plan does not say.',
    fallback: '30',
    check: (value) => (/^\d{1,3}$/.test(value) ? undefined : 'must be a whole number of days'),
  },
  'invoices.remind': {
    scope: 'mode',
    isSecret: false,
    description:
      'When to remind of an invoice that was sent and is not paid, counted from its due date; or none.',
    fallback: '-P3D,P0D,P7D',
    check: (value) =>
      /^(?:none|-?P\d{1,3}D(?:,-?P\d{1,3}D)*)$/.test(value) ? undefined : 'must read -P3D,P0D,P7D',
  },
  'invoices.issuer': {
    scope: 'mode',
    isSecret: false,
    description:
      'Who asks, as it stands on invoices paid outside Stripe: name, address, tax number.',
    fallback: null,
  },
  'invoices.payment_instructions': {
    scope: 'mode',
    isSecret: false,
    description: 'How to pay an invoice outside Stripe: bank, account, what to name.',
    fallback: null,
  },
  'dunning.retry_after': {
    scope: 'mode',
    isSecret: false,
    description:
      'When a failed payment is tried again where we bill ourselves, counted from the first failure.',
    fallback: 'P1D,P3D,P5D,P7D',
    check: (value) =>
      /^P\d{1,4}[DW](?:,P\d{1,4}[DW])*$/.test(value) ? undefined : 'must read P1D,P3D,P5D,P7D',
  },
  'dunning.final_action': {
    scope: 'mode',
    isSecret: false,
    description:
      'What happens when every retry has failed: the invoice is written off in any case.',
    fallback: 'mark_uncollectible',
    check: oneOf('mark_uncollectible', 'cancel', 'switch_to_default'),
  },
  'payment.on_dispute': {
    scope: 'mode',
    isSecret: false,
    description:
      'What happens while a payment is disputed: notify, freeze_credits bought with it, or suspend_customer.',
    fallback: 'freeze_credits',
    check: oneOf('notify', 'freeze_credits', 'suspend_customer'),
  },
  'payment.refund_approval_above': {
    scope: 'mode',
    isSecret: false,
    description:
      'Refunds above this many minor units wait for a second operator; empty lets one decide.',
    fallback: null,
    check: wholeNumber,
  },
  'payment.on_last_method_removed': {
    scope: 'mode',
    isSecret: false,
    description:
      'What happens when a paying customer removes the last payment method: none, notify, suspend or downgrade_after(P7D).',
    fallback: 'notify',
    check: (value) =>
      /^(?:none|notify|suspend|downgrade_after\(P\d{1,4}[DWMY]\))$/.test(value)
        ? undefined
        : 'must be none, notify, suspend or downgrade_after(P7D)',
  },
  'subscriptions.on_end': {
    scope: 'mode',
    isSecret: false,
    description:
      'What happens to a customer whose subscription ended, where the plan does not say.',
    fallback: 'switch_to_default',
    check: oneOf('switch_to_default', 'suspend_customer', 'deactivate'),
  },
  'subscriptions.on_trial_end_without_method': {
    scope: 'mode',
    isSecret: false,
    description:
      'What happens to a trial that ends while there is nothing to charge: cancel, pause until there is, or create_invoice.',
    fallback: 'cancel',
    check: oneOf('cancel', 'pause', 'create_invoice'),
  },
  'subscriptions.one_trial_per_card': {
    scope: 'mode',
    isSecret: false,
    description:
      'Whether a card seen with the trial of one customer ends that of another: on or off. In test mode, where everybody pays with the same card, off unless set.',
    fallback: null,
    check: oneOf('on', 'off'),
  },
  'errors.quota_exceeded_status': {
    scope: 'mode',
    isSecret: false,
    description: 'HTTP status of an exceeded quota: 403, 402 or 429.',
    fallback: '403',
    check: oneOf('403', '402', '429'),
  },
  'portal.name': {
    scope: 'installation',
    isSecret: false,
    description: 'The product name customers see.',
    fallback: 'Farebox',
  },
  'portal.accent': {
    scope: 'installation',
    isSecret: false,
    description: 'Accent color of the portal: #rrggbb.',
    fallback: null,
    check: (value) => (/^#[0-9a-f]{6}$/i.test(value) ? undefined : 'must read #rrggbb'),
  },
  'portal.example_path': {
    scope: 'installation',
    isSecret: false,
    description: 'The path of your API that the quickstart calls: /v1/weather?city=Oslo.',
    fallback: null,
    check: (value) =>
      /^\/[\w\-./~%?=&+,:@]*$/.test(value) ? undefined : 'must begin with a slash',
  },
  'clock.offset_ms': {
    scope: 'mode',
    isSecret: false,
    description: 'How far the simulated time of test mode is ahead.',
    fallback: '0',
    check: wholeNumber,
  },
} as const satisfies Record<string, SettingDefinition>

export type SettingKey = keyof typeof SETTINGS

export function definitionOf(key: SettingKey): SettingDefinition {
  return SETTINGS[key]
}

/** Spellings of earlier systems that are understood. */
const ALIASES: Readonly<Record<string, SettingKey>> = {
  'payment.stripe.api_key': 'payment.stripe.secret_key',
  'payment.stripe.publishable_key': 'payment.stripe.public_key',
}

export function settingKey(name: string): SettingKey | undefined {
  const key = ALIASES[name] ?? name
  return Object.hasOwn(SETTINGS, key) ? (key as SettingKey) : undefined
}
