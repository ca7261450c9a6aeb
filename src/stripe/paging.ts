import { AppError } from '../errors.ts'
import { callStripe } from './errors.ts'

/** Of one customer; whoever has more is looked at by a person, not by a loop. */
const MAX_LISTED = 10_000

interface Listed<T> {
  autoPagingToArray(options: { readonly limit: number }): Promise<T[]>
}

/** Every object of a list, however many pages it has. Part of one is never taken for the whole. */
export async function listAll<T>(list: () => Listed<T>): Promise<T[]> {
  const all = await callStripe(() => list().autoPagingToArray({ limit: MAX_LISTED }))
  if (all.length === MAX_LISTED) {
    throw new AppError('stripe_unexpected', { what: 'length of a list', value: `${MAX_LISTED}+` })
  }
  return all
}
