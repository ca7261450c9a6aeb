import { mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSecrets, loadMasterKey } from './secrets.ts'

const folder = mkdtempSync(join(tmpdir(), 'farebox-secrets-'))
const secrets = createSecrets(loadMasterKey(folder, undefined))

test('what was sealed opens again, and looks different each time', () => {
  fc.assert(
    fc.property(fc.string(), (plain) => {
      const sealed = secrets.seal(plain, 'test')
      expect(secrets.open(sealed, 'test')).toBe(plain)
      expect(secrets.seal(plain, 'test')).not.toBe(sealed)
    }),
  )
})

test('a sealed value opens for its own purpose only, so moving it to another row is no use', () => {
  const sealed = secrets.seal('sk_live_1', 'setting:live:payment.stripe.secret_key')

  expect(() => secrets.open(sealed, 'setting:test:payment.stripe.secret_key')).toThrow(
    'cannot be opened',
  )
})

test('a changed, cut or foreign value is refused, not read as something else', () => {
  const sealed = secrets.seal('whsec_1', 'a')
  const flipped = sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA')
  const foreign = createSecrets(Buffer.alloc(32, 7)).seal('whsec_1', 'a')

  for (const text of [flipped, sealed.slice(0, 20), foreign, 'v2.abc', '']) {
    expect(() => secrets.open(text, 'a'), text).toThrow('cannot be opened')
  }
})

test('the master key is made once, readable by its owner only, and the same at the next start', () => {
  const again = loadMasterKey(folder, undefined)

  expect(again.equals(loadMasterKey(folder, undefined))).toBe(true)
  expect(statSync(join(folder, 'secret.key')).mode & 0o777).toBe(0o600)
  expect(() => loadMasterKey(folder, 'too short')).toThrow('32 bytes')
})
