import { defineConfig } from 'vitest/config'
import { settings } from './vitest.config.ts'

/** Years of random histories: `SIMULATION_SEED` repeats one, `SIMULATION_RUNS` makes it thorough. */
export default defineConfig({
  test: {
    ...settings,
    include: ['test/simulation/**/*.test.ts'],
    testTimeout: 600_000,
    fileParallelism: false,
  },
})
