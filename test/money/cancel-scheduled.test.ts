import { expect, test } from 'vitest'
import { openBackOffice } from '../support/back-office.ts'

test('U28 what ends by itself is not held up by a scheduled downgrade: the change gives way', async () => {
  const office = await openBackOffice()
  const { cancellations, changes, subscriptions } = office.domain
  const ada = await office.customer('Ada')
  await ada.subscribes('scale')
  await office.settle()
  const open = await subscriptions.findOpen('test', ada.id)
  const id = open?.id ?? ''
  const request = { planKey: 'pro', planVersion: null, timing: 'auto' as const }
  const preview = await changes.preview(office.caller, id, request)
  expect(await changes.execute(office.caller, id, preview.change.id)).toMatchObject({
    state: 'scheduled',
  })

  const canceled = await cancellations.cancel(office.caller, id, 'period_end')

  expect(canceled.cancelAt).not.toBeNull()
  await office.settle()
  await office.advance('P32D')
  expect(await subscriptions.findOpen('test', ada.id)).not.toMatchObject({ planKey: 'scale' })
  expect(await subscriptions.find('test', id)).toMatchObject({ planKey: 'scale' })
  await office.close()
})
