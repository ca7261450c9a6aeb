import { defineConfig } from 'vitest/config'
import { settings } from './vitest.config.ts'

/** What people do in a browser, with the whole product behind it. Needs Chromium; see `test/e2e/support/browser.ts`. */
export default defineConfig({
  test: {
    ...settings,
    globalSetup: 'test/e2e/support/build-web.ts',
    include: ['test/e2e/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
