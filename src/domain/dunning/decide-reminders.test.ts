import { expect, test } from 'vitest'
import { DAY_MS, parseInstant } from '../../kit/instant.ts'
import { decideReminders, parseReminders, type WaitingInvoice } from './decide-reminders.ts'

const ISSUED = parseInstant('2026-03-01T00:00:00Z') ?? 0
const DUE = ISSUED + 14 * DAY_MS
const POLICY = { remindAt: ['-P3D', 'P0D', 'P7D'] }

function waiting(over: Partial<WaitingInvoice> = {}): WaitingInvoice {
  return {
    id: 'dunning_1',
    openedAt: ISSUED,
    dueAt: DUE,
    invoiceState: 'open',
    blocksAt: DUE + 3 * DAY_MS,
    sent: [],
    ...over,
  }
}

const said = (invoice: WaitingInvoice, now: number) =>
  decideReminders(invoice, POLICY, now).messages.map(({ message }) => message)

test('an invoice is reminded of ahead of its date, on it and after it, and before access stops', () => {
  const heard: string[] = []
  const sent: WaitingInvoice['sent'][number][] = []
  for (let now: number | null = ISSUED; now !== null;) {
    const step = decideReminders(waiting({ sent }), POLICY, now)
    for (const { message } of step.messages) {
      heard.push(`${(now - DUE) / DAY_MS} ${message}`)
      sent.push(message)
    }
    now = step.nextAt
  }

  expect(heard).toEqual([
    '-3 reminder:-P3D',
    '0 reminder:P0D',
    '2 blocking_soon',
    '3 blocked',
    '7 reminder:P7D',
  ])
})

test('who comes late says only the last reminder, and none that the invoice itself has said', () => {
  expect(said(waiting({ blocksAt: null }), DUE + DAY_MS)).toEqual(['reminder:P0D'])
  expect(said(waiting({ dueAt: ISSUED, blocksAt: null }), ISSUED)).toEqual([])
  expect(said(waiting({ blocksAt: null, sent: ['reminder:P0D'] }), DUE + DAY_MS)).toEqual([])
})

test('a payment ends it without a word, unless access had stopped', () => {
  const paid = waiting({ invoiceState: 'paid', sent: ['reminder:-P3D'] })

  expect(decideReminders(paid, POLICY, DUE)).toMatchObject({
    state: 'recovered',
    messages: [],
    nextAt: null,
  })
  expect(said({ ...paid, sent: ['blocked'] }, DUE)).toEqual(['recovered'])
})

test('nothing is written off by the passing of time', () => {
  const sent = ['reminder:P7D', 'blocked'] as const

  expect(decideReminders(waiting({ sent }), POLICY, DUE + 900 * DAY_MS)).toMatchObject({
    state: 'open',
    action: { kind: 'none' },
    messages: [],
    nextAt: null,
  })
})

test('a schedule reads as days from the due date, or as none', () => {
  expect(parseReminders('-P3D, P0D,P7D')).toEqual(['-P3D', 'P0D', 'P7D'])
  expect(parseReminders('none')).toEqual([])
  expect(parseReminders('3 days')).toBeUndefined()
})
