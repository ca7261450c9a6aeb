import { defineConfig } from 'vitest/config'

export const settings = {
  globalSetup: 'test/support/global-setup.ts',
  pool: 'threads',
  // One module graph and one embedded database per worker; tests hold no module state, so files may share it.
  isolate: false,
  testTimeout: 20_000,
  hookTimeout: 60_000,
} as const

/** `npm test`: everything that is quick. What dies in the middle and what runs in a browser have their own. */
export default defineConfig({
  test: {
    ...settings,
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'web/**/*.test.ts'],
    exclude: ['test/{e2e,faults,simulation}/**', 'node_modules/**'],
  },
})
