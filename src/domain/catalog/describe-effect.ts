import type { PublishEffect } from './publish.ts'

/** An effect of publishing in the terms of whoever confirms it. */
export function describeEffect(effect: PublishEffect): {
  kind: PublishEffect['kind']
  subject: string
  stripeId: string | null
  note: string | null
} {
  const { kind } = effect
  switch (kind) {
    case 'create_product':
      return { kind, subject: effect.product.name, stripeId: null, note: null }
    case 'update_product': {
      const { product, stripeProductId, overwrites } = effect
      const note = overwrites.length === 0 ? null : `Overwrites ${overwrites.join(', ')}.`
      return { kind, subject: product.name, stripeId: stripeProductId, note }
    }
    case 'archive_product':
      return { kind, subject: effect.name, stripeId: effect.stripeProductId, note: null }
    case 'create_meter':
      return { kind, subject: effect.name, stripeId: null, note: effect.eventName }
    case 'update_meter': {
      const note = effect.isInactive ? 'Somebody switched it off in Stripe.' : 'Named anew.'
      return { kind, subject: effect.name, stripeId: effect.stripeMeterId, note }
    }
    case 'link_meter':
      return {
        kind,
        subject: effect.name,
        stripeId: effect.stripeMeterId,
        note: `Usage goes to ${effect.eventName}.`,
      }
    case 'create_price':
      return {
        kind,
        subject: subjectOf(effect),
        stripeId: null,
        note: `Found by ${effect.price.lookupKey}.`,
      }
    case 'restore_price':
      return {
        kind,
        subject: subjectOf(effect),
        stripeId: effect.stripePriceId,
        note: 'Archived in Stripe; goes on sale there again.',
      }
    case 'keep_price':
    case 'link_price':
      return { kind, subject: subjectOf(effect), stripeId: effect.stripePriceId, note: null }
    case 'archive_price':
      return {
        kind,
        subject: nameOf(effect),
        stripeId: effect.stripePriceId,
        note: 'Subscriptions that have it keep it.',
      }
    case 'wake_price':
      return {
        kind,
        subject: nameOf(effect),
        stripeId: effect.stripePriceId,
        note: 'Agreed with a customer, and archived in Stripe by somebody.',
      }
    case 'rate_here':
      return {
        kind,
        subject: subjectOf(effect),
        stripeId: null,
        note: `Billed by us: ${effect.why}.`,
      }
  }
}

function nameOf({ entityId }: { entityId: string }): string {
  return entityId.split('/').slice(1, 3).join(' in ')
}

function subjectOf({ rateCardKey, currency }: { rateCardKey: string; currency: string }): string {
  return `${rateCardKey} in ${currency}`
}
