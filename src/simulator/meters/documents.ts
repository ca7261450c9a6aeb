import type { BillingAlert, BillingMeter } from '../stripe.generated.ts'

export type MeterDocument = BillingMeter

/** One event as it was reported. Whether it counts is found out later, as at Stripe. */
export interface MeterEventDocument {
  readonly id: string
  /** What repeats are recognized by: the event name and the reporter's identifier. */
  readonly identifierKey: string
  readonly identifier: string
  readonly eventName: string
  readonly payload: Readonly<Record<string, string>>
  readonly timestamp: number
  readonly receivedAt: number
  readonly requestId: string | null
  readonly state: 'pending' | 'counted' | 'rejected' | 'canceled'
  /** Meter and customer it counts for; '' until it counts. */
  readonly series: string
  /** An exact decimal. */
  readonly value: string
}

export type AlertDocument = BillingAlert & {
  readonly inner: {
    readonly meter: string
    /** Null watches every customer. */
    readonly customer: string | null
    /** Usage counts that was reported since. */
    readonly activatedAt: number
  }
}

/** An alert goes off once for each customer; its id names both. */
export interface AlertTriggerDocument {
  readonly id: string
  readonly alert: string
}

/** A short-lived credential for the high-throughput stream. */
export interface MeterSessionDocument {
  readonly id: string
  readonly token: string
  readonly expiresAt: number
}
