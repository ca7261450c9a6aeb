import { expect, test } from 'vitest'
import { type NavEntry, reachable } from './navigation.ts'

const entry = (to: string): NavEntry => ({ label: to, to, icon: 'home' })

test('navigation leads nowhere that has no page', () => {
  const groups = [
    { label: null, entries: [entry('/'), entry('/refunds')] },
    { label: 'Money', entries: [entry('/disputes')] },
  ]

  expect(reachable(groups, { '/': {}, '/customers': {} })).toEqual([
    { label: null, entries: [entry('/')] },
  ])
})
