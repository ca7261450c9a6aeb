/**
 * Test and live live side by side in one installation and never mix: the mode is part of every row, unique index,
 * cache entry and job, and a key of one is refused by the other.
 */
export type Mode = 'test' | 'live'

export const MODES: readonly Mode[] = ['test', 'live']
