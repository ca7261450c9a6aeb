import { createServer, request as ask } from 'node:http'
import { expect, test } from 'vitest'
import { ensureCatalog } from '../../src/start/first-run.ts'
import { openBackOffice, openSimulator } from '../support/back-office.ts'
import { testDatabase } from '../support/database.ts'

/** A wire to Stripe that breaks for good after so many prices were made. */
async function brittleWire(to: string, prices: number) {
  const { hostname, port } = new URL(to)
  let left = prices
  const server = createServer((incoming, answer) => {
    const isPrice = incoming.method === 'POST' && incoming.url === '/v1/prices'
    if (isPrice && left-- <= 0) return void incoming.socket.destroy()
    const { method, url: path, headers } = incoming
    const outgoing = ask({ hostname, port, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(answer)
    })
    incoming.pipe(outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    close: () => server.close(),
  }
}

test('a first start that died while it published the example catalog goes on where it was', async () => {
  const database = await testDatabase()
  const simulator = await openSimulator()
  const wire = await brittleWire(simulator.url, 1)
  const dying = openBackOffice({
    database,
    simulatorUrl: simulator.url,
    stripeUrl: () => wire.url,
  })
  await expect(dying).rejects.toThrow()

  const office = await openBackOffice({ database, simulatorUrl: simulator.url })
  const plans = await office.domain.catalog.plans('test')
  expect(plans.map(({ key, active }) => [key, active?.version])).toEqual([
    ['free', 1],
    ['pro', 1],
    ['scale', 1],
    ['payg', 1],
  ])

  // Once somebody has had a hand in it, a plan that is missing is missing on purpose.
  const actor = { kind: 'operator', id: 'op_1', role: 'super_admin' } as const
  await office.domain.publishing.archive({ ...office.caller, actor }, 'scale')
  expect(await ensureCatalog(office.domain)).toBe(false)
  await office.close()
  wire.close()
  await simulator.close()
})
