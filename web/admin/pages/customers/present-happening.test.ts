import { expect, test } from 'vitest'
import { type Happening, lookOfEvents, lookOfMail, stepsOf } from './present-happening.ts'

const event = (id: string, state = 'processed') =>
  ({ source: 'event', at: '', event: { id, state } }) as Happening & { source: 'event' }
const mail = (template: string, state: 'sent' | 'failed') =>
  ({ source: 'mail', at: '', mail: { id: template, template, state } }) as Happening & {
    source: 'mail'
  }

test('events that Stripe sent one after the other are one step, and others stay apart', () => {
  const steps = stepsOf([event('evt_3'), event('evt_2'), mail('welcome', 'sent'), event('evt_1')])

  expect(
    steps.map((step) => (step.source === 'events' ? step.events.length : step.source)),
  ).toEqual([2, 'mail', 1])
})

test('what went wrong shows in the timeline, also inside of a step', () => {
  expect(lookOfMail(mail('payment_failed', 'failed'))).toMatchObject({
    words: 'Mail not sent: payment failed',
    tone: 'danger',
  })
  expect(lookOfEvents([event('evt_1'), event('evt_2', 'dead')])).toMatchObject({ tone: 'danger' })
  expect(lookOfEvents([event('evt_1')])).toMatchObject({ words: '1 event from Stripe' })
})
