import { Stripe } from 'stripe'
import { AppError } from '../errors.ts'

/**
 * Calls Stripe and turns its errors into ours. What Stripe says about a card is for the customer; what it says about
 * our request is for the log.
 */
export async function callStripe<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw fromStripe(error)
  }
}

/** Like `callStripe`, but an object that does not exist is undefined. */
export async function findInStripe<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw fromStripe(error)
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && error.code === 'resource_missing'
}

function isAboutCustomer({ param, message }: Stripe.errors.StripeError): boolean {
  return param === 'customer' || message.startsWith('No such customer')
}

export function fromStripe(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error
  const options = { cause: error }
  if (error instanceof Stripe.errors.StripeCardError) {
    return new AppError('card_declined', { reason: error.message }, options)
  }
  if (error instanceof Stripe.errors.StripeAuthenticationError) {
    return new AppError('stripe_key_invalid', {}, options)
  }
  if (isMissing(error)) {
    // A missing price is not a missing customer: the parameter tells which of the two it is.
    const code = isAboutCustomer(error) ? 'stripe_customer_missing' : 'stripe_object_missing'
    return new AppError(code, { message: error.message }, options)
  }
  const isTransient =
    error instanceof Stripe.errors.StripeConnectionError ||
    error instanceof Stripe.errors.StripeAPIError ||
    error instanceof Stripe.errors.StripeRateLimitError
  if (isTransient) return new AppError('stripe_unavailable', {}, options)
  return new AppError('stripe_rejected', { message: error.message }, options)
}

/** A value of Stripe's open enumerations that we know how to treat; one we do not stops the caller, not silently. */
export function knownValue<const Known extends string>(
  value: string,
  known: readonly Known[],
  what: string,
): Known {
  const match = known.find((candidate) => candidate === value)
  if (match === undefined) throw new AppError('stripe_unexpected', { what, value })
  return match
}
