import type { ResponseOf } from '../../../../src/client/client.ts'

export type Setting = ResponseOf<'get', '/api/v1/settings'>['data'][number]

interface Shape {
  readonly title: string
  readonly group: Group
  /** How it is asked for; `kept` is the product's own and shown only. */
  readonly input: 'text' | 'number' | 'secret' | 'color' | 'kept' | readonly Option[]
}

interface Option {
  readonly value: string
  readonly label: string
}

const GROUPS = {
  portal: 'Customer portal',
  payment: 'Payments',
  dunning: 'Overdue payments',
  subscriptions: 'Subscriptions',
  gateway: 'Gateway',
  other: 'More',
  kept: 'Kept by Farebox',
} as const

type Group = keyof typeof GROUPS

const SHAPES: Readonly<Record<string, Shape>> = {
  'portal.name': { title: 'Product name', group: 'portal', input: 'text' },
  'portal.example_path': { title: 'Path the quickstart calls', group: 'portal', input: 'text' },
  'portal.accent': { title: 'Accent color', group: 'portal', input: 'color' },
  'payment.provider': {
    title: 'Who collects payments',
    group: 'payment',
    input: [
      { value: 'stripe', label: 'Stripe' },
      { value: 'none', label: 'Nobody: invoices are paid outside' },
    ],
  },
  'payment.stripe.secret_key': { title: 'Stripe secret key', group: 'payment', input: 'secret' },
  'payment.stripe.public_key': { title: 'Stripe publishable key', group: 'payment', input: 'text' },
  'payment.stripe.webhook_secret': {
    title: 'Webhook signing secret',
    group: 'payment',
    input: 'secret',
  },
  'payment.max_overdue_days': {
    title: 'Days of grace for overdue payments',
    group: 'payment',
    input: 'number',
  },
  'invoices.due_days': {
    title: 'Days until an invoice outside Stripe is due',
    group: 'payment',
    input: 'number',
  },
  'invoices.issuer': {
    title: 'Who asks, on invoices outside Stripe',
    group: 'payment',
    input: 'text',
  },
  'invoices.payment_instructions': {
    title: 'How to pay invoices outside Stripe',
    group: 'payment',
    input: 'text',
  },
  'payment.on_dispute': {
    title: 'While a payment is disputed',
    group: 'payment',
    input: [
      { value: 'notify', label: 'Only tell the operators' },
      { value: 'freeze_credits', label: 'Freeze the credits it bought' },
      { value: 'suspend_customer', label: 'Suspend the customer' },
    ],
  },
  'payment.refund_approval_above': {
    title: 'Refunds above this need a second person',
    group: 'payment',
    input: 'number',
  },
  'payment.on_last_method_removed': {
    title: 'When the last payment method is removed',
    group: 'payment',
    input: 'text',
  },
  'dunning.retry_after': { title: 'When to try again', group: 'dunning', input: 'text' },
  'dunning.final_action': {
    title: 'When every try has failed',
    group: 'dunning',
    input: [
      { value: 'mark_uncollectible', label: 'Give the invoice up, keep the subscription' },
      { value: 'cancel', label: 'Cancel the subscription' },
      { value: 'switch_to_default', label: 'Go on with the default plan' },
    ],
  },
  'subscriptions.on_trial_end_without_method': {
    title: 'When a trial ends without a payment method',
    group: 'subscriptions',
    input: [
      { value: 'cancel', label: 'Cancel it' },
      { value: 'pause', label: 'Pause it until there is one' },
      { value: 'create_invoice', label: 'Invoice it all the same' },
    ],
  },
  'subscriptions.one_trial_per_card': {
    title: 'One trial for each card',
    group: 'subscriptions',
    input: [
      { value: 'on', label: 'On' },
      { value: 'off', label: 'Off' },
    ],
  },
  'subscriptions.on_end': {
    title: 'When a subscription ends',
    group: 'subscriptions',
    input: [
      { value: 'switch_to_default', label: 'Go on with the default plan' },
      { value: 'suspend_customer', label: 'Suspend the customer' },
      { value: 'deactivate', label: 'Refuse calls until they subscribe again' },
    ],
  },
  'errors.quota_exceeded_status': {
    title: 'HTTP status of an exceeded quota',
    group: 'gateway',
    input: [
      { value: '403', label: '403 Forbidden' },
      { value: '402', label: '402 Payment Required' },
      { value: '429', label: '429 Too Many Requests' },
    ],
  },
  'payment.stripe.account': { title: 'Bound Stripe account', group: 'kept', input: 'kept' },
  'payment.stripe.events_cursor': {
    title: 'Stripe events read until',
    group: 'kept',
    input: 'kept',
  },
  'payment.stripe.key_seen': { title: 'Stripe key in use since', group: 'kept', input: 'kept' },
  'clock.offset_ms': { title: 'Test clock', group: 'kept', input: 'kept' },
}

/** A setting as its page shows it; one this page does not know yet is still there, by its key. */
export function shapeOf({ key, isSecret }: Pick<Setting, 'key' | 'isSecret'>): Shape {
  const known = SHAPES[key]
  if (known !== undefined) return known
  const [noun = ''] = key.split('.')
  const group =
    noun === 'gateway' || noun === 'errors' ? 'gateway' : noun in GROUPS ? noun : 'other'
  return { title: titleFrom(key), group: group as Group, input: isSecret ? 'secret' : 'text' }
}

export interface SettingGroup {
  readonly title: string
  readonly settings: readonly Setting[]
}

/** In the order of the page; groups without settings are left out. */
export function groupSettings(settings: readonly Setting[]): SettingGroup[] {
  const order = Object.keys(GROUPS) as Group[]
  return order
    .map((group) => ({
      title: GROUPS[group],
      settings: settings.filter((setting) => shapeOf(setting).group === group),
    }))
    .filter((group) => group.settings.length > 0)
}

/** The value in words: what an option means, that a secret is set, that there is none. */
export function valueWords(setting: Setting): string {
  const { value, isSecret } = setting
  const { input } = shapeOf(setting)
  if (value === null) return isSecret ? 'Not set' : '–'
  if (isSecret) return `Ends with ${value.replace(/^…/, '')}`
  if (typeof input === 'string') return value
  return input.find((option) => option.value === value)?.label ?? value
}

/** Why it cannot be changed here; undefined when it can. */
export function refusalToEdit(setting: Setting): string | undefined {
  if (shapeOf(setting).input === 'kept') return 'Farebox keeps this itself.'
  if (setting.source === 'environment') {
    return 'The environment of the server sets it. Change it there and restart.'
  }
  return undefined
}

/** `mail.reply_to` is `Mail reply to`. */
function titleFrom(key: string): string {
  const words = key.replaceAll(/[._]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
