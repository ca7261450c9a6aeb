import type { TestHelpersTestClock } from '../stripe.generated.ts'

/** The realm's own time: the wall clock plus an offset, or a standstill. Seconds. */
export interface RealmClockDocument {
  readonly id: 'clock'
  readonly offset: number
  readonly frozenAt: number | null
}

export type TestClockDocument = TestHelpersTestClock & {
  readonly inner: {
    /** The time its objects see, which runs from job to job while the clock is advancing. */
    readonly time: number
  }
}
