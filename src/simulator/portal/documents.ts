import type { BillingPortalConfiguration, BillingPortalSession } from '../stripe.generated.ts'

export type PortalConfigurationDocument = BillingPortalConfiguration
export type PortalSessionDocument = BillingPortalSession & {
  readonly inner: {
    /** A link is short-lived; after this its page asks for a new one. */
    readonly expiresAt: number
  }
}
