import type { BillingPortalConfiguration, BillingPortalSession } from '../stripe.generated.ts'

export type PortalConfigurationDocument = BillingPortalConfiguration
export type PortalSessionDocument = BillingPortalSession & {
  readonly inner: {
    /** A link is short-lived; after this its page asks for a new one. */
    readonly expiresAt: number
    /** What the session was made for has been done; from here on it is an ordinary one. */
    readonly isFlowDone: boolean
    /** The latest card that was entered, on its way through its bank. */
    readonly setupIntent: string | null
    /** The subscription that card is for; null makes it the customer's default. */
    readonly setupFor: string | null
  }
}
