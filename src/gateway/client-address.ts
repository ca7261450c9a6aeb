import { BlockList, isIP } from 'node:net'

/**
 * Who is calling. Proxies in front of the gateway may say so in `X-Forwarded-For`, but only those that are named in
 * the configuration are believed; from anybody else the header would be a way to borrow an address.
 */
export interface ClientAddresses {
  /** The client's address, and the chain of addresses before `peer` to pass on. */
  of(peer: string, forwardedFor: string): { readonly address: string; readonly chain: string }
  isTrusted(peer: string): boolean
}

const MAX_HOPS = 32

export function createClientAddresses(trustedProxies: readonly string[]): ClientAddresses {
  const trusted = toBlockList(trustedProxies)

  function isTrusted(address: string): boolean {
    const version = isIP(address)
    return (
      version !== 0 &&
      trustedProxies.length > 0 &&
      trusted.check(address, version === 4 ? 'ipv4' : 'ipv6')
    )
  }

  return {
    isTrusted,
    of(peer, forwardedFor) {
      if (forwardedFor === '' || !isTrusted(peer)) return { address: peer, chain: '' }
      const hops = forwardedFor
        .split(',')
        .slice(-MAX_HOPS)
        .map((hop) => plainAddress(hop.trim()))
      // From the nearest hop outwards: the first that is no proxy of ours is the client.
      const client = hops.findLast((hop) => !isTrusted(hop)) ?? hops[0] ?? peer
      const isKnown = isIP(client) !== 0
      return {
        address: isKnown ? client : peer,
        chain: isKnown ? hops.slice(hops.lastIndexOf(client)).join(', ') : '',
      }
    },
  }
}

/** `::ffff:10.0.0.1` is how IPv6 sockets write IPv4 addresses; people and rules write `10.0.0.1`. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

/** Addresses and CIDR ranges; what is neither matches nothing. */
export function toBlockList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const version = isIP(address)
    if (version === 0) continue
    const family = version === 4 ? 'ipv4' : 'ipv6'
    if (bits === undefined) list.addAddress(address, family)
    else if (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)) {
      list.addSubnet(address, Number(bits), family)
    }
  }
  return list
}
