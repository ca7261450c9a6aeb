import { expect, test } from 'vitest'
import {
  groupSettings,
  refusalToEdit,
  type Setting,
  shapeOf,
  valueWords,
} from './present-setting.ts'

function aSetting(key: string, over: Partial<Setting> = {}): Setting {
  return {
    key,
    description: '',
    isSecret: false,
    value: null,
    source: 'default',
    updatedAt: null,
    ...over,
  }
}

test('no setting is lost: one this page has never heard of has a group, a title and an input', () => {
  const unknown = [
    aSetting('mail.reply_to'),
    aSetting('payment.late_fee'),
    aSetting('errors.shape'),
  ]

  const groups = groupSettings(unknown)

  expect(groups.flatMap(({ settings }) => settings)).toHaveLength(unknown.length)
  expect(shapeOf(aSetting('mail.reply_to'))).toMatchObject({
    title: 'Mail reply to',
    input: 'text',
  })
  expect(shapeOf(aSetting('mail.password', { isSecret: true })).input).toBe('secret')
})

test('a secret is never shown, only that it is there and how it ends', () => {
  const secret = { isSecret: true, value: '…62Gd' }

  expect(valueWords(aSetting('payment.stripe.webhook_secret', secret))).toBe('Ends with 62Gd')
  expect(valueWords(aSetting('payment.stripe.secret_key', { isSecret: true }))).toBe('Not set')
})

test('a choice is shown by what it means', () => {
  expect(valueWords(aSetting('subscriptions.on_end', { value: 'deactivate' }))).toBe(
    'Refuse calls until they subscribe again',
  )
  expect(valueWords(aSetting('subscriptions.on_end', { value: 'newer' }))).toBe('newer')
})

test('what the environment or the product sets cannot be edited, and says why', () => {
  expect(refusalToEdit(aSetting('portal.name'))).toBeUndefined()
  expect(refusalToEdit(aSetting('portal.name', { source: 'environment' }))).toMatch(/environment/)
  for (const key of ['clock.offset_ms', 'payment.stripe.key_seen']) {
    expect(refusalToEdit(aSetting(key))).toMatch(/Farebox keeps/)
  }
})
