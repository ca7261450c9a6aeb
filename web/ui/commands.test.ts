import { expect, test } from 'vitest'
import { type Command, groupCommands, rankCommands } from './commands.ts'

const aCommand = (label: string, over: Partial<Command> = {}): Command => ({
  id: label,
  label,
  group: 'Go to',
  icon: 'arrow-right',
  run: () => undefined,
  ...over,
})
const labels = (commands: readonly Command[]) => commands.map((command) => command.label)

const COMMANDS = [
  aCommand('Credits'),
  aCommand('Customers'),
  aCommand('Refund a payment', { group: 'Do', keywords: 'money back' }),
  aCommand('Acme', { group: 'Customers', hint: 'ada@acme.dev' }),
]

test('without a query everything stands in its own order', () => {
  expect(labels(rankCommands(COMMANDS, ' '))).toEqual(labels(COMMANDS))
})

test('the start of a label beats what stands inside or beside it', () => {
  expect(labels(rankCommands(COMMANDS, 'cu'))).toEqual(['Customers', 'Acme'])
})

test('hints and other words are found too', () => {
  expect(labels(rankCommands(COMMANDS, 'acme.dev'))).toEqual(['Acme'])
  expect(labels(rankCommands(COMMANDS, 'money back'))).toEqual(['Refund a payment'])
})

test('every word must occur', () => {
  expect(labels(rankCommands(COMMANDS, 'refund acme'))).toEqual([])
})

test('groups follow their best member and lose nobody', () => {
  const groups = groupCommands(rankCommands(COMMANDS, 'c'))

  expect(groups.map(({ group }) => group)).toEqual(['Go to', 'Customers', 'Do'])
  expect(groups.flatMap(({ commands }) => commands)).toHaveLength(4)
})
