import type { ReactNode } from 'react'
import { ButtonLink } from '../ui/link.tsx'
import { paths } from './paths.ts'

const toPaymentMethods = (
  <ButtonLink to={paths.billing} icon="card">
    Save a payment method
  </ButtonLink>
)

/** Where in the portal one does something about a refusal. */
export const REMEDIES: Readonly<Record<string, ReactNode>> = {
  payment_method_required: toPaymentMethods,
}
