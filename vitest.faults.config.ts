import { defineConfig } from 'vitest/config'
import { settings } from './vitest.config.ts'

/** What dies in the middle: slower than the rest, with processes of its own, one file after the other. */
export default defineConfig({
  test: {
    ...settings,
    include: ['test/faults/**/*.test.ts'],
    testTimeout: 180_000,
    fileParallelism: false,
  },
})
