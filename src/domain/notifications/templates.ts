import type { Letter } from './letter.ts'
import type { Payloads } from './payloads.ts'
import { reminderConsequence, reminderSubject } from './reminder-words.ts'
import type { Topic } from './topic.ts'

/** What every template may refer to besides its own payload. */
export interface Surroundings {
  readonly productName: string
  readonly customerName: string
  readonly portalUrl: string
  readonly adminUrl: string
  /** What a payload has sealed, because it opens something for whoever reads it. */
  readonly open: (sealed: string) => string
}

export type TemplateName = keyof Payloads

interface Template<Name extends TemplateName> {
  /** Null goes to operators. */
  readonly topic: Topic | null
  write(payload: Payloads[Name], around: Surroundings): Letter
}

const invoiceAction = (label: string, { portalUrl }: Surroundings, invoiceId: string) => ({
  label,
  url: `${portalUrl}/invoices/${invoiceId}`,
})

export const TEMPLATES: { readonly [Name in TemplateName]: Template<Name> } = {
  welcome: {
    topic: 'account',
    write: (_, around) => ({
      subject: `Welcome to ${around.productName}`,
      paragraphs: [
        `The account ${around.customerName} is ready.`,
        'Choose a plan, copy your API key and make the first call.',
      ],
      action: { label: 'Open the portal', url: around.portalUrl },
    }),
  },
  subscription_started: {
    topic: 'subscription',
    write: ({ plan }, around) => ({
      subject: `Your ${plan} subscription has started`,
      paragraphs: [
        `${around.customerName} is subscribed to ${plan}. Your API key waits in the portal; it is shown once.`,
      ],
      action: { label: 'See the subscription', url: `${around.portalUrl}/` },
    }),
  },
  subscription_canceled: {
    topic: 'subscription',
    write: ({ plan, endsOn }, around) => ({
      subject: `Your ${plan} subscription ends on ${endsOn}`,
      paragraphs: [
        `The subscription to ${plan} is canceled. Everything works until ${endsOn}; then the API keys stop.`,
        'Until then you can take the cancellation back.',
      ],
      action: { label: 'Keep the subscription', url: `${around.portalUrl}/` },
    }),
  },
  plan_invitation: {
    topic: 'account',
    write: ({ plan, expiresOn, sealedToken }, around) => ({
      subject: `You are invited to ${plan}`,
      paragraphs: [
        `${around.productName} offers you the plan ${plan}, which is not open to everybody.`,
        `The link works once, until ${expiresOn}. Sign in with the address this mail was sent to, or sign up with it.`,
      ],
      action: {
        label: 'See the invitation',
        url: `${around.portalUrl}/invitations/${around.open(sealedToken)}`,
      },
    }),
  },
  member_invitation: {
    topic: 'account',
    write: ({ invitedBy, role, expiresOn, sealedToken }, around) => ({
      subject: `${invitedBy} invites you to ${around.customerName}`,
      paragraphs: [
        `${invitedBy} asks you to act for ${around.customerName} at ${around.productName}, as ${role}.`,
        `The link works once, until ${expiresOn}. Sign in with the address this mail was sent to, or sign up with it.`,
      ],
      action: {
        label: 'See the invitation',
        url: `${around.portalUrl}/join/${around.open(sealedToken)}`,
      },
    }),
  },
  subscription_ended: {
    topic: 'subscription',
    write: ({ plan }, around) => ({
      subject: `Your ${plan} subscription has ended`,
      paragraphs: [`The subscription to ${plan} has ended. You can subscribe again at any time.`],
      action: { label: 'See the plans', url: `${around.portalUrl}/plans` },
    }),
  },
  plan_migrated: {
    // A price that changes is not a matter of taste.
    topic: 'account',
    write: ({ plan, on, earliestOn, priceBefore, priceAfter }, around) => ({
      subject: `Your plan ${plan} changes`,
      paragraphs: [
        on === null
          ? `${plan} has a new version. Your subscription moves to it with its first renewal from ${earliestOn} on.`
          : `${plan} has a new version. Your subscription moves to it on ${on}.`,
        'Your API keys stay as they are. If you do not agree, you can change or cancel your subscription before that day.',
      ],
      facts: [
        { label: 'Recurring fees until then', value: `${priceBefore} per month` },
        { label: 'From then on', value: `${priceAfter} per month` },
      ],
      action: { label: 'See the subscription', url: `${around.portalUrl}/billing` },
    }),
  },
  trial_ending: {
    topic: 'subscription',
    write: ({ plan, endsOn, hasMethod }, around) => ({
      subject: `Your ${plan} trial ends on ${endsOn}`,
      paragraphs: [
        hasMethod
          ? `The trial of ${plan} ends on ${endsOn}. From then on its price is charged to the payment method on file.`
          : `The trial of ${plan} ends on ${endsOn}. To go on, add a payment method before that day.`,
        ...(hasMethod ? ['If you do not want to go on, cancel before that day.'] : []),
      ],
      action: { label: 'See the subscription', url: `${around.portalUrl}/` },
    }),
  },
  payment_failed: {
    topic: 'payments',
    write: ({ amount, reason, needsNewMethod, blocksAt, invoiceId }, around) => ({
      subject: `A payment of ${amount} failed`,
      paragraphs: [
        `We could not collect ${amount}${reason === null ? '' : `: ${reason}`}.`,
        needsNewMethod
          ? 'This card will not be tried again. Please add another payment method; it is charged at once.'
          : 'We will try again. Another payment method is charged at once.',
        ...(blocksAt === null ? [] : [`Without payment, access to the API stops on ${blocksAt}.`]),
      ],
      action: invoiceAction('Pay the invoice', around, invoiceId),
    }),
  },
  payment_action_required: {
    topic: 'payments',
    write: ({ amount, invoiceId, url }, around) => ({
      subject: `Please confirm a payment of ${amount}`,
      paragraphs: [
        `Your bank wants you to confirm the payment of ${amount} yourself. Until then it is not made.`,
      ],
      action:
        url === null
          ? invoiceAction('Confirm the payment', around, invoiceId)
          : { label: 'Confirm the payment', url },
    }),
  },
  access_blocking_soon: {
    topic: 'payments',
    write: ({ amount, blocksAt, invoiceId }, around) => ({
      subject: `Access stops on ${blocksAt}`,
      paragraphs: [
        `${amount} is still unpaid. Access to the API stops on ${blocksAt} and comes back with the payment.`,
      ],
      action: invoiceAction('Pay the invoice', around, invoiceId),
    }),
  },
  access_blocked: {
    topic: 'payments',
    write: ({ amount, invoiceId }, around) => ({
      subject: 'Access to the API has stopped',
      paragraphs: [
        `${amount} is unpaid, so calls with your API keys are refused. Keys and quotas stay as they are; the payment brings access back within a second.`,
      ],
      action: invoiceAction('Pay the invoice', around, invoiceId),
    }),
  },
  payment_given_up: {
    topic: 'payments',
    write: ({ amount, invoiceId }, around) => ({
      subject: `We have stopped trying to collect ${amount}`,
      paragraphs: [
        `Every attempt to collect ${amount} failed. You can still pay the invoice yourself; access comes back with it.`,
      ],
      action: invoiceAction('Pay the invoice', around, invoiceId),
    }),
  },
  payment_recovered: {
    topic: 'payments',
    write: ({ amount }, around) => ({
      subject: `Thank you: ${amount} was paid`,
      paragraphs: ['The payment that failed before has come in. Everything works as usual.'],
      action: { label: 'Open the portal', url: around.portalUrl },
    }),
  },
  invoice_reminder: {
    topic: 'payments',
    write: (payload, around) => ({
      subject: reminderSubject(payload),
      paragraphs: [
        `${payload.amount} of ${around.productName} ${payload.isOverdue ? 'was' : 'is'} due on ${payload.dueOn} and not paid yet.`,
        ...reminderConsequence(payload),
        ...(payload.instructions === null ? [] : [payload.instructions]),
        'If you have paid it in the last days, there is nothing to do.',
      ],
      action: invoiceAction('See and pay the invoice', around, payload.invoiceId),
    }),
  },
  invoice_issued: {
    topic: 'payments',
    write: ({ amount, number, period, dueOn, instructions, invoiceId }, around) => ({
      subject: `Invoice ${number ?? ''} over ${amount}`,
      paragraphs: [
        `Here is the invoice of ${around.productName} for ${period}. Please pay it by ${dueOn}.`,
        ...(instructions === null ? [] : [instructions]),
      ],
      facts: [
        { label: 'Invoice', value: number ?? '' },
        { label: 'Amount', value: amount },
        { label: 'Due on', value: dueOn },
      ],
      action: invoiceAction('See and print the invoice', around, invoiceId),
    }),
  },
  invoice_paid: {
    topic: 'receipts',
    write: ({ amount, number, period, method, invoiceId }, around) => ({
      subject: `Receipt for ${amount}${number === null ? '' : ` (${number})`}`,
      paragraphs: ['Thank you for your payment.'],
      facts: [
        { label: 'Paid', value: amount },
        ...(number === null ? [] : [{ label: 'Invoice', value: number }]),
        { label: 'For', value: period },
        ...(method === null ? [] : [{ label: 'With', value: method }]),
      ],
      action: invoiceAction('See the invoice', around, invoiceId),
    }),
  },
  refund_issued: {
    topic: 'receipts',
    write: ({ amount, method }, around) => ({
      subject: `A refund of ${amount} is on its way`,
      paragraphs: [
        `We have refunded ${amount}${method === null ? '' : ` to ${method}`}. Banks need up to ten days to show it.`,
      ],
      action: { label: 'See your payments', url: `${around.portalUrl}/billing` },
    }),
  },
  refund_failed: {
    topic: 'receipts',
    write: ({ amount }, around) => ({
      subject: `The refund of ${amount} did not arrive`,
      paragraphs: [
        `Your bank returned the refund of ${amount}, usually because the card is no longer valid. Please contact us; we will send it another way.`,
      ],
      action: { label: 'See your payments', url: `${around.portalUrl}/billing` },
    }),
  },
  payment_method_removed: {
    topic: 'payments',
    write: ({ method, dueOn }, around) => ({
      subject: 'Your last payment method was removed',
      paragraphs: [
        `${method} was removed, and no other payment method is left.`,
        dueOn === null
          ? 'The next invoice cannot be collected without one.'
          : `Please add another one by ${dueOn}; without it your subscription ends on that day.`,
      ],
      action: { label: 'Add a payment method', url: `${around.portalUrl}/billing` },
    }),
  },
  card_expiring: {
    topic: 'payments',
    write: ({ method, expires }, around) => ({
      subject: 'Your card expires soon',
      paragraphs: [
        `${method}, which pays your invoices, expires at the end of ${expires}. Please put another one in its place.`,
      ],
      action: { label: 'Change the payment method', url: `${around.portalUrl}/billing` },
    }),
  },
  quota_threshold: {
    topic: 'usage',
    write: ({ feature, percent, used, limit, resetsOn, beyond }, around) => ({
      subject:
        percent >= 100
          ? `${feature}: the quota is used up`
          : `${feature}: ${percent} % of the quota is used`,
      paragraphs: [
        `${used} of ${limit} ${feature} are used. The quota resets on ${resetsOn}.`,
        beyond,
      ],
      action: { label: 'See your usage', url: `${around.portalUrl}/usage` },
    }),
  },
  budget_threshold: {
    topic: 'usage',
    write: ({ budget, percent, used, limit, resetsOn, isHard }, around) => ({
      subject:
        percent >= 100 ? `${budget}: the budget is used up` : `${budget}: ${percent} % is used`,
      paragraphs: [
        `${used} of ${limit} are used of the budget ${budget}. It starts anew on ${resetsOn}.`,
        isHard
          ? 'Calls beyond the budget are refused until then, or until you raise it.'
          : 'Nothing is refused: the budget only tells you.',
      ],
      action: { label: 'See your budgets', url: `${around.portalUrl}/keys#budgets` },
    }),
  },
  credits_low: {
    topic: 'credits',
    write: ({ balance }, around) => ({
      subject: `Your credits run low: ${balance} left`,
      paragraphs: [`There are ${balance} of credits left.`],
      action: { label: 'Buy credits', url: `${around.portalUrl}/billing/credits` },
    }),
  },
  credits_depleted: {
    topic: 'credits',
    write: ({ unit }, around) => ({
      subject: 'Your credits are used up',
      paragraphs: [
        `There are no ${unit} left. What they paid for is billed or refused, as your plan says, until you buy more.`,
      ],
      action: { label: 'Buy credits', url: `${around.portalUrl}/billing/credits` },
    }),
  },
  credits_granted: {
    topic: 'credits',
    write: ({ amount, expiresOn }, around) => ({
      subject: `${amount} of credits were added`,
      paragraphs: [
        `${amount} were added to your account${expiresOn === null ? '' : ` and are valid until ${expiresOn}`}.`,
      ],
      action: { label: 'See your credits', url: `${around.portalUrl}/billing/credits` },
    }),
  },
  top_up_failed: {
    topic: 'payments',
    write: ({ amount, reason }, around) => ({
      subject: `The automatic top-up of ${amount} failed`,
      paragraphs: [
        `We could not charge ${amount} to top up your credits${reason === null ? '' : `: ${reason}`}.`,
        'It is not tried again until you have looked at it.',
      ],
      action: { label: 'Check the payment method', url: `${around.portalUrl}/billing/credits` },
    }),
  },
  dispute_opened: {
    topic: null,
    write: ({ amount, customer, reason, dueAt, disputeId }, around) => ({
      subject: `${customer} disputes ${amount}`,
      paragraphs: [
        `The bank of ${customer} has opened a dispute: ${reason}.`,
        ...(dueAt === null ? [] : [`Evidence is due by ${dueAt}. A draft is ready.`]),
      ],
      action: { label: 'See the dispute', url: `${around.adminUrl}/disputes/${disputeId}` },
    }),
  },
  dispute_deadline: {
    topic: null,
    write: ({ amount, customer, dueAt, disputeId }, around) => ({
      subject: `Evidence about ${amount} is due by ${dueAt}`,
      paragraphs: [
        `Nothing has been submitted about the dispute of ${customer}. Without evidence it is lost.`,
      ],
      action: { label: 'Submit evidence', url: `${around.adminUrl}/disputes/${disputeId}` },
    }),
  },
  dispute_closed: {
    topic: null,
    write: ({ amount, customer, outcome, disputeId }, around) => ({
      subject: `The dispute of ${customer} about ${amount} is ${outcome}`,
      paragraphs: [`The bank has decided: ${outcome}.`],
      action: { label: 'See the dispute', url: `${around.adminUrl}/disputes/${disputeId}` },
    }),
  },
  fraud_warning: {
    topic: null,
    write: ({ amount, customer, fraudType, paymentId }, around) => ({
      subject: `Fraud warning about ${amount} of ${customer}`,
      paragraphs: [
        `The issuer of the card reports ${fraudType}. A refund now usually prevents a dispute and its fee.`,
      ],
      action: { label: 'See the payment', url: `${around.adminUrl}/payments/${paymentId}` },
    }),
  },
  refund_waits: {
    topic: null,
    write: ({ amount, customer }, around) => ({
      subject: `A refund of ${amount} waits for approval`,
      paragraphs: [
        `A refund of ${amount} for ${customer} is large enough to need a second person.`,
      ],
      action: { label: 'See what waits', url: `${around.adminUrl}/refunds?approval=waiting` },
    }),
  },
}

/** Writes a letter from what was stored; the payload has the shape of its template because only `tell` stores one. */
export function writeLetter(name: TemplateName, payload: unknown, around: Surroundings): Letter {
  const template = TEMPLATES[name] as Template<TemplateName>
  return template.write(payload as Payloads[TemplateName], around)
}

export function isTemplate(name: string): name is TemplateName {
  return Object.hasOwn(TEMPLATES, name)
}
