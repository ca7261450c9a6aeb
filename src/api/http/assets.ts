import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'

/**
 * The built web, read once at start: what is not in this map cannot be asked for, so there is no path to escape by.
 */
export interface Assets {
  /** The file at a path below `/portal/` or `/admin/`; a page of the app answers with its index. */
  find(app: string, path: string): Asset | undefined
}

export interface Asset {
  readonly body: Buffer
  readonly gzipped: Buffer | undefined
  readonly contentType: string
  readonly isImmutable: boolean
}

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

const COMPRESSIBLE = /^(?:text|application\/json|image\/svg)/
const HASHED = /[-.][\w-]{8,}\.\w+$/

export function loadAssets(folder: string): Assets {
  const files = new Map<string, Asset>()
  if (existsSync(folder)) {
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = join(folder, path)
      if (statSync(file).isFile())
        files.set(relative(folder, file).split(sep).join('/'), read(file))
    }
  }
  return {
    find(app, path) {
      const own = files.get(`${app}/${path}`) ?? files.get(path)
      if (own !== undefined) return own
      return extname(path) === '' ? files.get(`${app}/index.html`) : undefined
    },
  }
}

function read(file: string): Asset {
  const body = readFileSync(file)
  const contentType = CONTENT_TYPES[extname(file)] ?? 'application/octet-stream'
  return {
    body,
    gzipped: COMPRESSIBLE.test(contentType) ? gzipSync(body) : undefined,
    contentType,
    isImmutable: HASHED.test(file) && extname(file) !== '.html',
  }
}

export function assetResponse(asset: Asset, acceptEncoding: string | undefined): Response {
  const isGzip = asset.gzipped !== undefined && /\bgzip\b/.test(acceptEncoding ?? '')
  const body = isGzip && asset.gzipped !== undefined ? asset.gzipped : asset.body
  return new Response(new Uint8Array(body), {
    headers: {
      'content-type': asset.contentType,
      'cache-control': asset.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      ...(isGzip && { 'content-encoding': 'gzip' }),
    },
  })
}
