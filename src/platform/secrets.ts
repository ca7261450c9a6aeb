import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../errors.ts'

/** Encrypts what must not be readable in a copy of the database: Stripe keys, webhook secrets, keys not yet shown. */
export interface Secrets {
  /** `purpose` names the place the value belongs to; a sealed value moved elsewhere no longer opens. */
  seal(plain: string, purpose: string): string
  open(sealed: string, purpose: string): string
}

const VERSION = 'v1'
const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16

export function createSecrets(key: Buffer): Secrets {
  return {
    seal(plain, purpose) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(purpose))
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return `${VERSION}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`
    },
    open(sealed, purpose) {
      const [version, payload = ''] = sealed.split('.')
      const bytes = Buffer.from(payload, 'base64url')
      if (version !== VERSION || bytes.length < IV_BYTES + TAG_BYTES) {
        throw new AppError('secret_unreadable', { purpose })
      }
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES))
          .setAAD(Buffer.from(purpose))
          .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
        const body = bytes.subarray(IV_BYTES + TAG_BYTES)
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
      } catch (error) {
        throw new AppError('secret_unreadable', { purpose }, { cause: error })
      }
    },
  }
}

/**
 * The installation's master key: from the configuration, or made on first start and kept beside the data with
 * permissions for its owner only. Losing it loses the sealed secrets, nothing else.
 */
export function loadMasterKey(folder: string, configured: string | undefined): Buffer {
  if (configured !== undefined) return decodeKey(configured)
  const file = join(folder, 'secret.key')
  if (!existsSync(file)) {
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`, {
      mode: 0o600,
      flag: 'wx',
    })
    chmodSync(file, 0o600)
  }
  return decodeKey(readFileSync(file, 'utf8').trim())
}

function decodeKey(text: string): Buffer {
  const key = Buffer.from(text, 'base64')
  if (key.length !== KEY_BYTES) throw new AppError('secret_key_invalid', { bytes: KEY_BYTES })
  return key
}
