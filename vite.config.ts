import react from '@vitejs/plugin-react'
import { join } from 'node:path'
import { defineConfig } from 'vite'

/**
 * The web is several small apps over one kit. Each is a build of its own, so the portal can move to a CDN without the
 * admin center; `--mode` names the app, the portal without it. The gallery shows the kit to its developers and is
 * never built.
 */
const APPS = {
  portal: { base: '/portal/', port: 5173 },
  admin: { base: '/admin/', port: 5174 },
  gallery: { base: '/', port: 5175 },
} as const

const CONSOLE_URL = 'http://127.0.0.1:8081'

export default defineConfig(({ mode }) => {
  const name = Object.hasOwn(APPS, mode) ? (mode as keyof typeof APPS) : 'portal'
  const app = APPS[name]
  return {
    root: join(import.meta.dirname, 'web', name),
    base: app.base,
    publicDir: join(import.meta.dirname, 'web/public'),
    plugins: [react()],
    build: {
      outDir: join(import.meta.dirname, 'build/web', name),
      emptyOutDir: true,
      // The first versions with light-dark(), which both themes are written in.
      target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
      // Data URLs and the inline polyfill would need holes in `default-src 'self'`.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    server: {
      host: '127.0.0.1',
      port: app.port,
      strictPort: true,
      // The console refuses writes that come from another origin than its own, which this one is.
      proxy: { '/api': { target: CONSOLE_URL, headers: { origin: CONSOLE_URL } } },
    },
  }
})
