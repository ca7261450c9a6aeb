import { createHmac, hash, randomBytes } from 'node:crypto'

export function sha256Hex(text: string | Uint8Array): string {
  return hash('sha256', text, 'hex')
}

/** For names that somebody else's protocol fixes; it protects nothing. */
export function sha1Hex(text: string): string {
  return hash('sha1', text, 'hex')
}

export function hmacSha256Hex(secret: string, payload: string | Uint8Array): string {
  return createHmac('sha256', secret).update(payload).digest('hex')
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A random string of letters and digits, about 5.95 bits each: 32 of them are 190 bits. */
export function randomToken(length: number): string {
  let token = ''
  while (token.length < length) {
    for (const byte of randomBytes(length * 2)) {
      // 248 is the largest multiple of 62 that fits a byte; the rest is dropped so that no character is likelier.
      if (byte < 248 && token.length < length) token += BASE62[byte % 62]
    }
  }
  return token
}
