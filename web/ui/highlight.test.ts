import fc from 'fast-check'
import { expect, test } from 'vitest'
import { highlight, type Language } from './highlight.ts'

const languages = fc.constantFrom<Language>('curl', 'javascript', 'python', 'json')
const kindsOf = (source: string, language: Language) =>
  highlight(source, language)
    .filter((token) => token.kind !== 'plain')
    .map((token) => `${token.kind} ${token.text}`)

test('no character of a sample is lost or moved, whatever it contains', () => {
  const sources = fc.string({ unit: fc.constantFrom(...Array.from('"\'`\\\n# /-aB1$ {}:')) })

  fc.assert(
    fc.property(sources, languages, (source, language) => {
      const tokens = highlight(source, language)
      return tokens.map((token) => token.text).join('') === source
    }),
  )
})

test('strings, flags and comments of a curl call are told apart', () => {
  expect(kindsOf('curl -H "Authorization: Bearer fb" https://x.dev # try', 'curl')).toEqual([
    'keyword curl',
    'flag -H',
    'string "Authorization: Bearer fb"',
    'comment # try',
  ])
})

test('a keyword inside a string or a longer word is no keyword', () => {
  expect(kindsOf('const constant = "return"', 'javascript')).toEqual([
    'keyword const',
    'string "return"',
  ])
})
