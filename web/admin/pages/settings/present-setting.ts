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

const ON_OFF: readonly Option[] = [
  { value: 'on', label: 'On' },
  { value: 'off', label: 'Off' },
]

/** What the page knows of settings: the title and the way of asking, by group and key. */
const KNOWN: {
  readonly [G in Group]?: Readonly<Record<string, readonly [string, Shape['input']]>>
} = {
  portal: {
    'portal.name': ['Product name', 'text'],
    'portal.example_path': ['Path the quickstart calls', 'text'],
    'portal.accent': ['Accent color', 'color'],
  },
  payment: {
    'payment.provider': [
      'Who collects payments',
      [
        { value: 'stripe', label: 'Stripe' },
        { value: 'none', label: 'Nobody: invoices are paid outside' },
      ],
    ],
    'payment.stripe.secret_key': ['Stripe secret key', 'secret'],
    'payment.stripe.public_key': ['Stripe publishable key', 'text'],
    'payment.stripe.webhook_secret': ['Webhook signing secret', 'secret'],
    'payment.max_overdue_days': ['Days of grace for overdue payments', 'number'],
    'invoices.due_days': ['Days until an invoice outside Stripe is due', 'number'],
    'invoices.issuer': ['Who asks, on invoices outside Stripe', 'text'],
    'invoices.payment_instructions': ['How to pay invoices outside Stripe', 'text'],
    'payment.on_dispute': [
      'While a payment is disputed',
      [
        { value: 'notify', label: 'Only tell the operators' },
        { value: 'freeze_credits', label: 'Freeze the credits it bought' },
        { value: 'suspend_customer', label: 'Suspend the customer' },
      ],
    ],
    'payment.refund_approval_above': ['Refunds above this need a second person', 'number'],
    'payment.on_last_method_removed': ['When the last payment method is removed', 'text'],
  },
  dunning: {
    'dunning.retry_after': ['When to try again', 'text'],
    'dunning.final_action': [
      'When every try has failed',
      [
        { value: 'mark_uncollectible', label: 'Give the invoice up, keep the subscription' },
        { value: 'cancel', label: 'Cancel the subscription' },
        { value: 'switch_to_default', label: 'Go on with the default plan' },
      ],
    ],
  },
  subscriptions: {
    'subscriptions.on_trial_end_without_method': [
      'When a trial ends without a payment method',
      [
        { value: 'cancel', label: 'Cancel it' },
        { value: 'pause', label: 'Pause it until there is one' },
        { value: 'create_invoice', label: 'Invoice it all the same' },
      ],
    ],
    'subscriptions.one_trial_per_card': ['One trial for each card', ON_OFF],
    'subscriptions.on_end': [
      'When a subscription ends',
      [
        { value: 'switch_to_default', label: 'Go on with the default plan' },
        { value: 'suspend_customer', label: 'Suspend the customer' },
        { value: 'deactivate', label: 'Refuse calls until they subscribe again' },
      ],
    ],
  },
  gateway: {
    'errors.quota_exceeded_status': [
      'HTTP status of an exceeded quota',
      [
        { value: '403', label: '403 Forbidden' },
        { value: '402', label: '402 Payment Required' },
        { value: '429', label: '429 Too Many Requests' },
      ],
    ],
  },
  kept: {
    'payment.stripe.account': ['Bound Stripe account', 'kept'],
    'payment.stripe.events_cursor': ['Stripe events read until', 'kept'],
    'payment.stripe.key_seen': ['Stripe key in use since', 'kept'],
    'clock.offset_ms': ['Test clock', 'kept'],
  },
}

const SHAPES: ReadonlyMap<string, Shape> = new Map(
  Object.entries(KNOWN).flatMap(([group, settings]) =>
    Object.entries(settings).map(([key, [title, input]]) => {
      return [key, { title, group: group as Group, input }] as const
    }),
  ),
)

/** A setting as its page shows it; one this page does not know yet is still there, by its key. */
export function shapeOf({ key, isSecret }: Pick<Setting, 'key' | 'isSecret'>): Shape {
  const known = SHAPES.get(key)
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
