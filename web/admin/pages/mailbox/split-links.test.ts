import { expect, test } from 'vitest'
import { splitLinks } from './split-links.ts'

test('an address becomes a link without the full stop that ends its sentence', () => {
  const text = 'Sign in at http://127.0.0.1:8081/x?token=a.b&next=%2F. It works once.'

  const links = splitLinks(text).filter(({ href }) => href !== undefined)

  expect(links.map(({ href }) => href)).toEqual(['http://127.0.0.1:8081/x?token=a.b&next=%2F'])
})

test('nothing of the text is lost, and nothing but http becomes a link', () => {
  const text = 'javascript:alert(1)\nsee https://example.com/a (or http://b.test)\n'

  const parts = splitLinks(text)

  expect(parts.map((part) => part.text).join('')).toBe(text)
  expect(parts.flatMap(({ href }) => href ?? [])).toEqual([
    'https://example.com/a',
    'http://b.test',
  ])
})
