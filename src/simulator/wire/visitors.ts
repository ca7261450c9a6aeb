import { isIP } from 'node:net'
import { headerOf, type Incoming } from './http.ts'

/** Names nobody can register: a page of another site cannot make its own name lead here by changing its address. */
const PRIVATE_NAME =
  /^[^.]+$|\.(?:localhost|local|internal|lan|home\.arpa|test|example|invalid)\.?$/i

/**
 * Whether a request names this machine in a way that only its owner can have arranged: an address, `localhost`, a name
 * without a dot (as containers have), or the host the simulator was told to listen on.
 */
export function isKnownHost(incoming: Incoming, ownHost: string): boolean {
  const host = headerOf(incoming, 'host') ?? ''
  if (!URL.canParse(`http://${host}`)) return false
  const { hostname } = new URL(`http://${host}`)
  const bare = hostname.replace(/^\[|\]$/g, '')
  return isIP(bare) !== 0 || PRIVATE_NAME.test(hostname) || hostname === ownHost.toLowerCase()
}

/** Whether a browser says that another site sent the request. */
export function isCrossSite(incoming: Incoming): boolean {
  const site = headerOf(incoming, 'sec-fetch-site')
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = headerOf(incoming, 'origin')
  if (origin === undefined) return false
  return !URL.canParse(origin) || new URL(origin).host !== headerOf(incoming, 'host')
}
