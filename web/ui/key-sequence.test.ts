import { expect, test } from 'vitest'
import { createKeySequence, type KeyPress } from './key-sequence.ts'

const SHORTCUTS = ['?', '/', 'mod+k', 'g c', 'g i', 'c']

const key = (name: string, over: Partial<KeyPress> = {}): KeyPress => ({
  key: name,
  hasModifier: false,
  hasAlt: false,
  isTyping: false,
  ...over,
})

/** Presses one key after another, 100 ms apart, and reports what each completed. */
const pressAll = (presses: readonly KeyPress[], gapMs = 100) => {
  const sequence = createKeySequence()
  return presses.map((press, index) => sequence.press(press, SHORTCUTS, index * gapMs))
}

test('two keys in a row complete a sequence, and only the second one does', () => {
  expect(pressAll([key('g'), key('c')])).toEqual([undefined, 'g c'])
})

test('a key that ends no sequence still does what it does alone', () => {
  expect(pressAll([key('g'), key('?')])).toEqual([undefined, '?'])
})

test('after a pause the first key is forgotten', () => {
  expect(pressAll([key('g'), key('i')], 1_000)).toEqual([undefined, undefined])
})

test('typing triggers nothing but what is held with the modifier', () => {
  const isTyping = true

  expect(
    pressAll([
      key('?', { isTyping }),
      key('g', { isTyping }),
      key('c', { isTyping }),
      key('k', { isTyping, hasModifier: true }),
    ]),
  ).toEqual([undefined, undefined, undefined, 'mod+k'])
})

test('the combinations of the browser and the system stay theirs', () => {
  expect(pressAll([key('c', { hasModifier: true }), key('/', { hasAlt: true }), key('x')])).toEqual(
    [undefined, undefined, undefined],
  )
})

test('with caps lock on the palette still opens', () => {
  expect(pressAll([key('K', { hasModifier: true })])).toEqual(['mod+k'])
})
