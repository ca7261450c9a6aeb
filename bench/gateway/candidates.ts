import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const HERE = import.meta.dirname
const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx'].find(existsSync)
const HAPROXY = ['/usr/sbin/haproxy', '/usr/bin/haproxy'].find(existsSync)
/** Debian's libnginx-mod-http-lua; the second needs the first. */
const LUA = ['ndk_http_module', 'ngx_http_lua_module'].map(
  (name) => `/usr/lib/nginx/modules/${name}.so`,
)

const PASS_ON = 'proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection "";'
const WITH_LUA = `access_by_lua_block {
  local key = ngx.var.http_authorization
  if ngx.shared.keys:get(key) == nil then ngx.shared.keys:set(key, 1) end
  ngx.shared.counts:incr(key, 1, 0)
}
${PASS_ON}`

export interface Candidate {
  readonly name: string
  readonly note: string
  /** The command that listens on `port` and passes on to `upstream`. Undefined: it is not on this machine. */
  command(port: number, upstream: number): readonly string[] | undefined
  /** Keys that are loaded before anything is measured. */
  readonly keys: number
  /** It needs all cores: it is not pinned to one. */
  readonly isSpread?: boolean
}

export const NGINX_PLAIN = 'nginx, plain proxying'
export const FAREBOX = 'Farebox: key, rate limit, quota, durable metering'
export const FAREBOX_UNMETERED = 'Farebox: key only'
export const FEW_KEYS = 'Farebox: the same, 64 keys in turn'
export const MANY_KEYS = 'Farebox: the same, with 100,000 keys loaded'
export const ONE_WORKER = 'Farebox: the same in one worker process'
export const TWO_WORKERS = 'Farebox: the same in two worker processes'

export const CANDIDATES: readonly Candidate[] = [
  { name: NGINX_PLAIN, note: 'Debian', keys: 1, command: (port, up) => nginx(PASS_ON, port, up) },
  {
    name: 'nginx with Lua: key look-up and counter',
    note: 'what Kong and APISIX do',
    keys: 1,
    command: (port, up) => (LUA.every(existsSync) ? nginx(WITH_LUA, port, up, LUA) : undefined),
  },
  { name: 'HAProxy', note: 'Debian', keys: 1, command: haproxy },
  farebox('Farebox: the slow lane, a public route', 'public', 1),
  farebox(FAREBOX_UNMETERED, 'unmetered', 1),
  farebox(FAREBOX, 'full', 1),
  farebox(FEW_KEYS, 'full', 64),
  farebox(MANY_KEYS, 'full', 100_000),
  { ...farebox(ONE_WORKER, 'full', 1, 1), isSpread: true },
  { ...farebox(TWO_WORKERS, 'full', 1, 2), isSpread: true },
  peer('@fastify/http-proxy', 'fastify.js'),
  peer('http-proxy-3', 'http-proxy-3.js'),
]

function farebox(name: string, what: string, keys: number, workers = 0): Candidate {
  const script = join(HERE, 'farebox.ts')
  return {
    name,
    note: '',
    keys,
    command: (port, upstream) => [
      process.execPath,
      script,
      String(port),
      `http://127.0.0.1:${upstream}`,
      what,
      String(keys),
      String(workers),
    ],
  }
}

function peer(name: string, script: string): Candidate {
  return {
    name,
    note: 'npm',
    keys: 1,
    command(port, upstream) {
      if (!existsSync(join(HERE, 'peers', 'node_modules'))) return undefined
      const file = join(HERE, 'peers', script)
      return [process.execPath, file, String(port), `http://127.0.0.1:${upstream}`]
    },
  }
}

/** The others from npm, in a folder of their own. Without a registry they are left out. */
export function installPeers(): void {
  if (existsSync(join(HERE, 'peers', 'node_modules'))) return
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: join(HERE, 'peers'),
      stdio: 'ignore',
    })
  } catch {
    process.stderr.write('The candidates from npm could not be installed and are left out.\n')
  }
}

/** What everybody passes on to: nginx again, answering a kilobyte of JSON. */
export function upstreamCommand(port: number): readonly string[] {
  const command = nginx(
    `default_type application/json; return 200 '${JSON.stringify({ items: 'x'.repeat(1_000) })}';`,
    port,
    port,
  )
  if (command === undefined) throw new Error('The benchmark needs nginx: apt-get install nginx')
  return command
}

function nginx(
  location: string,
  port: number,
  upstream: number,
  modules: readonly string[] = [],
): readonly string[] | undefined {
  if (NGINX === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'farebox-bench-nginx-'))
  const shared = modules.length === 0 ? '' : 'lua_shared_dict keys 10m; lua_shared_dict counts 10m;'
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${modules.map((file) => `load_module ${file};`).join(' ')}
    daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
    events { worker_connections 4096; }
    http {
      access_log off; ${shared}
      client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
      uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
      keepalive_requests 100000000; keepalive_timeout 75s; tcp_nodelay on;
      upstream api { server 127.0.0.1:${upstream}; keepalive 128; keepalive_requests 100000000; }
      server { listen 127.0.0.1:${port}; location / { ${location} } }
    }`,
  )
  return [NGINX, '-c', join(folder, 'nginx.conf'), '-p', folder, '-e', join(folder, 'error.log')]
}

function haproxy(port: number, upstream: number): readonly string[] | undefined {
  if (HAPROXY === undefined) return undefined
  const file = join(mkdtempSync(join(tmpdir(), 'farebox-bench-haproxy-')), 'haproxy.cfg')
  writeFileSync(
    file,
    `global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 75s
  timeout server 75s
  http-reuse always
frontend in
  bind 127.0.0.1:${port}
  default_backend api
backend api
  server one 127.0.0.1:${upstream}
`,
  )
  return [HAPROXY, '-f', file]
}
