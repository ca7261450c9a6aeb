import type { MemberRole } from '../accounts/customer.ts'

/** What a mail is about, for people who choose what they want to hear. */
export type Topic = 'account' | 'payments' | 'receipts' | 'subscription' | 'usage' | 'credits'

export interface TopicRule {
  readonly name: string
  readonly description: string
  /** Money due and access at risk are not a matter of taste. */
  readonly isOptional: boolean
  /** Who of an account's members is written to. */
  readonly roles: readonly MemberRole[]
  /** Also the account's own address, such as that of a bookkeeper who never signs in. */
  readonly isForBillingAddress?: true
}

const PAYERS: readonly MemberRole[] = ['owner', 'admin', 'billing']

export const TOPICS: Readonly<Record<Topic, TopicRule>> = {
  account: {
    name: 'Account',
    description: 'Your account was created or suspended, or invited to a plan.',
    isOptional: false,
    roles: ['owner', 'admin'],
  },
  payments: {
    name: 'Payment problems',
    description: 'A payment failed or needs you, or access is about to stop.',
    isOptional: false,
    roles: PAYERS,
    isForBillingAddress: true,
  },
  receipts: {
    name: 'Receipts',
    description: 'An invoice was paid, a refund was made.',
    isOptional: true,
    roles: PAYERS,
    isForBillingAddress: true,
  },
  subscription: {
    name: 'Subscription',
    description: 'Your subscription started, changes or ends.',
    isOptional: true,
    roles: PAYERS,
  },
  usage: {
    name: 'Usage alerts',
    description:
      'A quota is 80 % or completely used, or a budget of yours passes a share you chose.',
    isOptional: true,
    roles: ['owner', 'admin', 'developer'],
  },
  credits: {
    name: 'Credits',
    description: 'Your credits run low or were topped up.',
    isOptional: true,
    roles: PAYERS,
  },
}

export function isTopic(text: string): text is Topic {
  return Object.hasOwn(TOPICS, text)
}
